package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tolom/clearing"
)

// Answering plays the central bank, or a bank, on the other side of a folder: it takes
// each pacs.009 and pacs.008 that lies in Out, holds it against its digest, and lays its
// answer into In. It answers the same file with the same bytes each time it sees it.
type Answering struct {
	Out, In string
	// Judge says what becomes of a message and of each transfer in it; nil: all of it is settled.
	Judge func(message string, transfers []string) clearing.Answer
}

// Step answers what lies there and says how many files that were.
func (b Answering) Step() (did int, err error) {
	entries, err := os.ReadDir(b.Out)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".xml") {
			continue
		}
		if err := b.answer(e.Name()); err != nil {
			return did, fmt.Errorf("sandbox: %s: %w", e.Name(), err)
		}
		did++
	}
	return did, err
}

func (b Answering) answer(name string) error {
	path := filepath.Join(b.Out, name)
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := agrees(path, content); err != nil {
		return err
	}
	a, err := AnswerTo(content, b.Judge)
	if err != nil {
		return err
	}
	if err := b.lay(name, a); err != nil {
		return err
	}
	// Only what was answered is put away: a bank that dies in the middle answers again.
	taken := filepath.Join(b.Out, "taken")
	return errors.Join(os.MkdirAll(taken, 0o750), os.Rename(path, filepath.Join(taken, name)))
}

// AnswerTo gives the answer to a pacs.009 or pacs.008: what judge says of it and of each
// transfer in it, or that all of it is settled when judge is nil.
func AnswerTo(content []byte, judge func(message string, transfers []string) clearing.Answer) (clearing.Answer, error) {
	head, format, transfers, err := opened(content)
	if err != nil {
		return clearing.Answer{}, err
	}
	a := clearing.Answer{Verdict: clearing.Settled}
	if judge != nil {
		a = judge(head.Message, transfers)
	}
	a.Message, a.Original, a.Format, a.Created = "A-"+head.Message[max(0, len(head.Message)-33):], head.Message, format, head.Created
	return a, nil
}

// agrees holds a file against the digest beside it.
func agrees(path string, content []byte) error {
	said, err := os.ReadFile(path + ".sha256")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	if word, _, _ := strings.Cut(string(said), " "); word != hex.EncodeToString(sum[:]) {
		return errors.New("it is not what the digest beside it says")
	}
	return nil
}

// opened reads either message.
func opened(content []byte) (head clearing.Header, format string, transfers []string, err error) {
	if t, err := clearing.ReadTransfers(bytes.NewReader(content)); err == nil {
		for _, l := range t.Legs {
			transfers = append(transfers, l.ID)
		}
		return t.Header, "pacs.009.001.09", transfers, nil
	}
	c, err := clearing.ReadCredits(bytes.NewReader(content))
	for _, i := range c.Items {
		transfers = append(transfers, i.ID)
	}
	return c.Header, "pacs.008.001.09", transfers, err
}

// lay writes the answer with its digest first, so that a reader knows when it is whole.
func (b Answering) lay(name string, a clearing.Answer) error {
	var out bytes.Buffer
	if err := a.Write(&out); err != nil {
		return err
	}
	if err := os.MkdirAll(b.In, 0o750); err != nil {
		return err
	}
	sum := sha256.Sum256(out.Bytes())
	to := filepath.Join(b.In, "answer_"+name)
	if err := os.WriteFile(to+".sha256", []byte(hex.EncodeToString(sum[:])+"  answer_"+name+"\n"), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(to+".part", out.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(to+".part", to)
}
