package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"time"

	"tolom/world"
)

// patience is how long a call may take before it counts as failed.
const patience = time.Minute

// line is a connection to a node, kept open, for one call at a time. It speaks just as much HTTP/1.1 as a payer
// needs and goes from write to read on one goroutine: the load generator shares the machine with what it measures,
// and the standard client costs as much as the server.
type line struct {
	address string // host and port
	conn    net.Conn
	in      *bufio.Reader
	out     []byte // the request being written
	answer  bytes.Buffer
}

// post makes a call. The answer is valid until the next call. After an error that is no status the connection is
// given up, because what comes next on it would belong to this call.
func (l *line) post(_ context.Context, a ask) (status int, answer []byte, err error) {
	if l.conn == nil {
		if l.conn, err = net.Dial("tcp", l.address); err != nil {
			l.conn = nil
			return 0, nil, err
		}
		l.in = bufio.NewReaderSize(l.conn, 4096)
	}
	status, last, err := l.exchange(a)
	if err != nil || last {
		l.conn.Close() // What it says changes nothing: the connection is not used again.
		l.conn = nil
	}
	return status, l.answer.Bytes(), err
}

func (l *line) exchange(a ask) (status int, last bool, err error) {
	if err := l.conn.SetDeadline(world.Deadline(patience)); err != nil {
		return 0, true, err
	}
	l.out = a.appendTo(l.out[:0], l.address)
	if _, err := l.conn.Write(l.out); err != nil {
		return 0, true, err
	}
	for status < 200 { // What comes before the answer, such as 103, is skipped.
		var size int64
		if status, size, last, err = l.head(a.proof); err != nil {
			return status, true, err
		}
		if err = l.content(status, size); err != nil {
			return status, true, err
		}
	}
	return status, last, nil
}

// appendTo writes the request.
func (a ask) appendTo(dst []byte, host string) []byte {
	put := func(parts ...string) {
		for _, p := range parts {
			dst = append(dst, p...)
		}
	}
	put("POST ", a.path, a.suffix, " HTTP/1.1\r\nHost: ", host, "\r\n")
	if a.key != "" {
		put("Authorization: Bearer ", a.key, "\r\n")
	}
	if p := a.proof; p != nil {
		if p.digest != "" {
			put("Content-Digest: ", p.digest, "\r\n")
		}
		put("Signature-Input: ", p.input, "\r\nSignature: ", p.signature, "\r\n")
	}
	if len(a.body) > 0 {
		put("Content-Type: application/json\r\n")
	}
	if a.once != "" {
		put("Idempotency-Key: ", a.once, "\r\n")
	}
	put("Content-Length: ")
	dst = strconv.AppendInt(dst, int64(len(a.body)), 10)
	put("\r\n\r\n")
	return append(dst, a.body...)
}

// chunked is the size of a body that comes in pieces.
const chunked = -1

// head reads the status line and what the headers say of the body, of the connection, and of who answers.
func (l *line) head(p *proof) (status int, size int64, last bool, err error) {
	first, err := l.in.ReadSlice('\n')
	if err != nil {
		return 0, 0, true, err
	}
	if len(first) < 12 || !bytes.HasPrefix(first, []byte("HTTP/1.1 ")) {
		return 0, 0, true, fmt.Errorf("bench: not an answer in HTTP/1.1: %q", first)
	}
	if status, err = strconv.Atoi(string(first[9:12])); err != nil || status < 100 {
		return 0, 0, true, fmt.Errorf("bench: not a status: %q", first)
	}
	for {
		header, err := l.in.ReadSlice('\n')
		if err != nil {
			return status, 0, true, err
		}
		header = bytes.TrimRight(header, "\r\n")
		if len(header) == 0 {
			return status, size, last, nil
		}
		name, value, _ := bytes.Cut(header, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case named(name, "Content-Length"):
			if size, err = strconv.ParseInt(string(value), 10, 64); err != nil || size < 0 {
				return status, 0, true, fmt.Errorf("bench: not a length: %q", header)
			}
		case named(name, "Transfer-Encoding"):
			size = chunked
		case p != nil && named(name, "Content-Digest"):
			p.answered.digest = string(value)
		case p != nil && named(name, "Signature-Input"):
			p.answered.input = string(value)
		case p != nil && named(name, "Signature"):
			p.answered.signature = string(value)
		case named(name, "Connection"):
			last = bytes.EqualFold(value, []byte("close"))
		}
	}
}

// named compares the name of a header, and looks at its length first.
func named(name []byte, want string) bool {
	return len(name) == len(want) && bytes.EqualFold(name, []byte(want))
}

// content reads the body that the head has announced.
func (l *line) content(status int, size int64) (err error) {
	l.answer.Reset()
	switch {
	case status < 200 || status == 204:
		return nil
	case size != chunked:
		_, err = io.CopyN(&l.answer, l.in, size)
		return err
	}
	if _, err = l.answer.ReadFrom(httputil.NewChunkedReader(l.in)); err != nil {
		return err
	}
	if end, err := l.in.ReadSlice('\n'); err != nil || len(end) > 2 {
		return errors.Join(err, fmt.Errorf("bench: something follows the last chunk: %q", end))
	}
	return nil
}
