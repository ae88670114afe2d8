package iso20022_test

import (
	"strings"
	"testing"

	"tolom/internal/iso20022"
)

const head = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.11"><FIToFIPmtStsRpt><GrpHdr><MsgId>A</MsgId>`

func TestTheSchemaTellsGoodFromBad(t *testing.T) {
	for name, c := range map[string]struct{ tail, complaint string }{
		"whole":              {`<CreDtTm>2026-11-24T03:05:00.000Z</CreDtTm></GrpHdr></FIToFIPmtStsRpt></Document>`, ""},
		"a time is missing":  {`</GrpHdr></FIToFIPmtStsRpt></Document>`, "CreDtTm"},
		"an unknown element": {`<CreDtTm>2026-11-24T03:05:00.000Z</CreDtTm><Own>1</Own></GrpHdr></FIToFIPmtStsRpt></Document>`, "Own"},
		"a broken time":      {`<CreDtTm>yesterday</CreDtTm></GrpHdr></FIToFIPmtStsRpt></Document>`, "yesterday"},
	} {
		t.Run(name, func(t *testing.T) {
			err := iso20022.Check([]byte(head + c.tail))
			if (err == nil) != (c.complaint == "") || err != nil && !strings.Contains(err.Error(), c.complaint) {
				t.Errorf("the schema said: %v", err)
			}
		})
	}
	if err := iso20022.Check([]byte("<Document/>")); err == nil {
		t.Error("a message without a namespace has passed")
	}
	if _, err := iso20022.Schema("pacs.099.001.01"); err == nil {
		t.Error("there is a schema of a message that does not exist")
	}
}
