// Package clearing writes and reads the files that banks, the central bank and
// merchants get of a business day: the national clearing records (JSON), and the
// ISO 20022 messages pacs.009 (net positions), pacs.008 (payouts), camt.053
// (statements), pacs.002 and pain.002 (answers). It is bytes and structs alone: the
// same input makes the same bytes, and what was read was checked. Files are written
// to an io.Writer and read from an io.Reader; nothing but the longest single entry
// of a statement or record is held at once.
//
// Amounts inside are whole tyiyn. XML amounts are som with two decimals, exact.
package clearing

import (
	"errors"
	"fmt"
)

// ErrFile says that a file is not what it should be: another format, a broken
// structure, a rule of the format broken, a total that does not add up. The text
// says where and what; nothing of the file was used.
var ErrFile = errors.New("clearing: the file cannot be used")

// bad makes an ErrFile that says where and what.
func bad(format string, values ...any) error {
	return fmt.Errorf("%w: %s", ErrFile, fmt.Sprintf(format, values...))
}
