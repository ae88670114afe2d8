package sheet

import (
	"archive/zip"
	"io"
)

// The namespaces and the place of the rows in a workbook, as ECMA-376 has them.
const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packages  = "http://schemas.openxmlformats.org/package/2006/"
	sheetPart = "xl/worksheets/sheet1.xml"

	bookElement  = "workbook"
	sheetElement = "worksheet"
)

// closing ends an element.
func closing(element string) string { return "</" + element + ">" }

// sheetName is that of the only sheet; a title may hold what such a name must not.
const sheetName = "Tölöm"

// The styles, by their places in cellXfs of stylesXML. 0 is the usual one.
const (
	styleBold = 1 + iota
	styleHeader
	styleMoney
	styleStrongMoney
	styleMoment
	styleWords
)

// stylesXML says how cells look. Fonts: usual, bold. Fills: the two that every book has, grey for the header. Texts have
// the format @, so that a number which is a name stays one when its cell is edited.
const stylesXML = xmlHead + `<styleSheet xmlns="` + mainSpace + `">` +
	`<numFmts count="2"><numFmt numFmtId="164" formatCode="#,##0.00"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts>` +
	`<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>` +
	`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` +
	`<fill><patternFill patternType="solid"><fgColor rgb="FFE5E7EB"/><bgColor indexed="64"/></patternFill></fill></fills>` +
	`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
	`<cellXfs count="7"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
	`<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
	`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="164" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
	`<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>` +
	`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`

// propertiesXML is who made the book and when: a fixed time, as a clock would make every copy different.
func propertiesXML(s Sheet) string {
	return xmlHead + `<cp:coreProperties xmlns:cp="` + packages + `metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" ` +
		`xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + escaped(s.Title) + `</dc:title><dc:creator>` + sheetName + `</dc:creator>` +
		`<dcterms:created xsi:type="dcterms:W3CDTF">2026-01-01T00:00:00Z</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">2026-01-01T00:00:00Z</dcterms:modified>` +
		`<dc:language>` + escaped(s.Language) + `</dc:language></cp:coreProperties>`
}

// writeParts writes everything of a workbook but its rows.
func writeParts(archive *zip.Writer, s Sheet) error {
	const document = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	for _, part := range []struct{ name, content string }{
		{"[Content_Types].xml", xmlHead + `<Types xmlns="` + packages + `content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + document + `sheet.main+xml"/>` +
			`<Override PartName="/` + sheetPart + `" ContentType="` + document + `worksheet+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="` + document + `styles+xml"/>` +
			`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`},
		{"_rels/.rels", xmlHead + `<Relationships xmlns="` + packages + `relationships">` +
			`<Relationship Id="rId1" Type="` + relations + `/officeDocument" Target="xl/workbook.xml"/>` +
			`<Relationship Id="rId2" Type="` + packages + `relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`},
		{"docProps/core.xml", propertiesXML(s)},
		{"xl/workbook.xml", xmlHead + `<` + bookElement + ` xmlns="` + mainSpace + `" xmlns:r="` + relations + `">` +
			`<bookViews><workbookView activeTab="0"/></bookViews><sheets><sheet name="` + sheetName + `" sheetId="1" r:id="rId1"/></sheets>` + closing(bookElement)},
		{"xl/_rels/workbook.xml.rels", xmlHead + `<Relationships xmlns="` + packages + `relationships">` +
			`<Relationship Id="rId1" Type="` + relations + `/` + sheetElement + `" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + relations + `/styles" Target="styles.xml"/></Relationships>`},
		{"xl/styles.xml", stylesXML},
	} {
		w, err := archive.Create(part.name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, part.content); err != nil {
			return err
		}
	}
	return nil
}
