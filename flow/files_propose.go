package flow

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"time"

	"tolom/clearing"
	"tolom/fault"
	"tolom/id"
	"tolom/proposal"
	"tolom/store"
)

// The actions on files that a second person approves: an answer that a person brings moves money as one that came by
// itself does, and a destination says who is told what to move. Their target is the file, or the owner.
const (
	AnswerFileAction     = "answer.take"
	PutDestinationAction = "destination.put"
)

// AnswerFileBody is what is approved of an uploaded answer: its bytes, by their digest.
type AnswerFileBody struct {
	SHA256 string `json:"sha256"`
}

// DestinationBody is where an owner's files are to go.
type DestinationBody struct {
	Kind    string `json:"kind" enum:"sftp,folder,none" doc:"sftp: onto their server; folder: below the platform's folder of files; none: files are fetched, answers are uploaded"`
	Address string `json:"address,omitempty" doc:"Of the server, host:port"`
	Login   string `json:"login,omitempty" doc:"Our name on the server"`
	HostKey string `json:"host_key,omitempty" doc:"The server's key, which it must show: \"ssh-ed25519 AAAA…\""`
	Folder  string `json:"folder,omitempty" doc:"Where files go"`
	Inbox   string `json:"inbox,omitempty" doc:"Where answers come from; empty: from nowhere"`
	Latin   bool   `json:"latin,omitempty" doc:"Names in Latin letters"`
}

// Register makes what people do to files known to four eyes. It is called once, when the program starts.
func (f *Files) Register(s *Proposals) {
	Register(s, Kind[AnswerFileBody]{
		Name: AnswerFileAction,
		Plan: func(ctx context.Context, _ *Registry, target id.ID, body *AnswerFileBody) ([]proposal.Line, error) {
			return f.planAnswer(ctx, target)
		},
		Apply: func(ctx context.Context, p proposal.Proposal, body AnswerFileBody) (string, error) {
			file, err := f.Get(ctx, p.Target, "")
			if err == nil && file.SHA256 != body.SHA256 {
				err = fault.New(fault.NotFound)
			}
			if err == nil && file.Status == store.FilePlanned {
				_, err = f.Apply(ctx, file)
			}
			return string(p.Target), err
		},
	})
	f.registerSubmit(s)
	Register(s, Kind[DestinationBody]{
		Name: PutDestinationAction,
		Plan: func(ctx context.Context, _ *Registry, target id.ID, body *DestinationBody) ([]proposal.Line, error) {
			return f.planDestination(ctx, target, *body)
		},
		Apply: func(ctx context.Context, p proposal.Proposal, body DestinationBody) (string, error) {
			return string(p.Target), f.applyDestination(ctx, p.Target, body)
		},
	})
}

// planAnswer tells the second person what the answer says.
func (f *Files) planAnswer(ctx context.Context, target id.ID) ([]proposal.Line, error) {
	file, err := f.Get(ctx, target, "")
	if err != nil {
		return nil, err
	}
	a, err := clearing.ReadAnswer(strings.NewReader(file.Content))
	if err != nil {
		return nil, fault.Wrap(fault.InvalidRequest, err).On("content").Because(err.Error())
	}
	return []proposal.Line{newLine("message", a.Original), newLine("outcome", string(a.Verdict)), newLine("reason", wordsOf(a.Reasons)),
		newLine("transfers", strconv.Itoa(len(a.Items))), newLine("sha256", file.SHA256)}, nil
}

// Keep keeps an answer that a person brings until it was approved; the same bytes are
// kept once. What cannot be read needs nobody's approval to be refused.
func (f *Files) Keep(ctx context.Context, name string, content []byte) (store.File, error) {
	kept, err := f.keep(ctx, "", name, content, time.Time{})
	if err != nil || kept.Status != store.FilePlanned {
		return kept, err
	}
	if _, unreadable := clearing.ReadAnswer(bytes.NewReader(content)); unreadable != nil {
		return f.Apply(ctx, kept)
	}
	return kept, nil
}

func (f *Files) planDestination(ctx context.Context, owner id.ID, body DestinationBody) ([]proposal.Line, error) {
	had, err := f.Destination(ctx, owner)
	if err != nil {
		return nil, err
	}
	if err := f.knownOwner(ctx, owner); err != nil {
		return nil, err
	}
	line := func(name, before, after string) proposal.Line {
		return proposal.Line{Name: name, Before: before, After: after}
	}
	return []proposal.Line{line("kind", had.Kind, body.Kind), line("address", had.Address, body.Address), line("login", had.Login, body.Login),
		line("host_key", had.HostKey, body.HostKey), line("folder", had.Folder, body.Folder), line("inbox", had.Inbox, body.Inbox),
		line("latin", strconv.FormatBool(had.Latin), strconv.FormatBool(body.Latin))}, nil
}

// applyDestination writes a destination. It keeps the key that signs us in, or makes one the first time.
func (f *Files) applyDestination(ctx context.Context, owner id.ID, b DestinationBody) error {
	had, err := f.Destination(ctx, owner)
	if err != nil {
		return err
	}
	d := store.Destination{ID: owner, Kind: b.Kind, Address: b.Address, Login: b.Login, HostKey: b.HostKey, Folder: b.Folder, Inbox: b.Inbox, Latin: b.Latin, PrivateKey: had.PrivateKey}
	if d.PrivateKey == "" && d.Kind == "sftp" && f.config.NewKey != nil {
		if d.PrivateKey, err = f.config.NewKey(); err != nil {
			return fault.Wrap(fault.OutOfService, err)
		}
	}
	_, err = f.PutDestination(ctx, d)
	return err
}
