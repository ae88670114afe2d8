package storetest

import (
	"sync"
	"sync/atomic"
	"time"

	"tolom/id"
	"tolom/store"
)

var files = chapter{name: "Files", sentences: []sentence{
	{"A claim has one file, whoever adds it first", fileOnce},
	{"Of many who add a file of one claim at once one makes it", fileRace},
	{"A file is written by whoever read it last", fileSaved},
	{"A made file is found by its message, an answer is not", fileOfMessage},
	{"A transaction that decides by a file has it to itself until its end", fileHeld},
	{"Files are listed by owner, day, kind and status, newest first", fileLists},
	{"Files are due when their time has come, the longest waiting first", dueFiles},
}}

func (k *kit) file(claim string) store.File {
	return store.File{ID: k.newID(id.File, id.BucketOf(claim)), Claim: claim, Owner: k.newID(id.Participant, 5), Day: "2026-11-24", Kind: "records",
		Name: claim + ".json", Settings: `{"latin":true}`, Size: 5, SHA256: "ab", Status: store.FileReady, NextAt: epoch, CreatedAt: epoch.Add(time.Millisecond)}
}

func (k *kit) added(f store.File) store.File {
	k.t.Helper()
	kept, made, err := k.AddFile(k.ctx, f)
	k.must(err)
	equal(k, made, true)
	equal(k, kept, f)
	return kept
}

func fileOnce(k *kit) {
	f := k.added(k.file("once"))
	f.Content = ""
	other := k.file("once")
	kept, made, err := k.AddFile(k.ctx, other)
	k.must(err)
	equal(k, made, false)
	equal(k, kept, f)
	equal(k, ask(k.File(k.ctx, f.ID)).get(k), f)
	_, err = k.File(k.ctx, other.ID)
	k.is(err, store.ErrNotFound)
}

func fileRace(k *kit) {
	var made, failed atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		f := k.file("race")
		group.Go(func() {
			_, mine, err := k.AddFile(k.ctx, f)
			switch {
			case err != nil:
				failed.Add(1)
			case mine:
				made.Add(1)
			}
		})
	}
	group.Wait()
	equal(k, made.Load(), 1)
	equal(k, failed.Load(), 0)
}

func fileSaved(k *kit) {
	f := k.added(k.file("saved"))
	change := f
	change.Status, change.Reason, change.Place, change.Attempts = store.FileDelivered, "why", "sftp://there/f", 3
	change.NextAt, change.EndedAt, change.Size, change.SHA256, change.Message = time.Time{}, epoch.Add(time.Hour), 6, "cd", "M2"
	k.must(k.PutFile(k.ctx, change))
	change.Version++
	equal(k, ask(k.File(k.ctx, f.ID)).get(k), change)
	k.is(k.PutFile(k.ctx, f), store.ErrRetry)
	equal(k, ask(k.File(k.ctx, f.ID)).get(k), change)
}

func fileOfMessage(k *kit) {
	answer := k.file("digest of an answer")
	answer.Kind, answer.Message, answer.Content = "answer", "M-found", "<Document/>"
	k.added(answer)
	_, err := k.FileOfMessage(k.ctx, "M-found")
	k.is(err, store.ErrNotFound)
	f := k.file("found")
	f.Message = "M-found"
	k.added(f)
	equal(k, ask(k.FileOfMessage(k.ctx, "M-found")).get(k), f)
	equal(k, ask(k.File(k.ctx, answer.ID)).get(k), answer)
}

func fileLists(k *kit) {
	owner := k.newID(id.Participant, 7)
	var all []store.File
	for n, claim := range []string{"l1", "l2", "l3", "l4"} {
		f := k.file(claim)
		f.Owner, f.Day = owner, []string{"2026-11-20", "2026-11-21"}[n%2]
		f.Kind, f.Status = []string{"records", "transfers"}[n/2], []store.FileStatus{store.FileReady, store.FileStuck}[n%2]
		all = append(all, k.added(f))
	}
	list := func(f store.FileFilter) (out []string) {
		k.t.Helper()
		f.Owner = owner
		if f.Limit == 0 {
			f.Limit = 10
		}
		for _, x := range ask(k.FilesBy(k.ctx, f)).get(k) {
			out = append(out, x.Claim)
		}
		return out
	}
	equal(k, list(store.FileFilter{}), []string{"l4", "l3", "l2", "l1"})
	equal(k, list(store.FileFilter{Limit: 2, Before: all[3].ID}), []string{"l3", "l2"})
	equal(k, list(store.FileFilter{Day: "2026-11-21"}), []string{"l4", "l2"})
	equal(k, list(store.FileFilter{Kind: "records"}), []string{"l2", "l1"})
	equal(k, list(store.FileFilter{Status: store.FileStuck, Kind: "transfers"}), []string{"l4"})
	equal(k, list(store.FileFilter{Day: "2026-11-22"}), nil)
	everything := ask(k.FilesBy(k.ctx, store.FileFilter{Limit: 2})).get(k)
	equal(k, []string{everything[0].Claim, everything[1].Claim}, []string{"l4", "l3"})
}

func dueFiles(k *kit) {
	for _, f := range ask(k.DueFiles(k.ctx, epoch.Add(day), 100)).get(k) {
		f.NextAt = time.Time{}
		k.must(k.PutFile(k.ctx, f))
	}
	for claim, at := range map[string]time.Time{"d2": epoch.Add(2 * time.Second), "d1": epoch.Add(time.Second), "d3": epoch.Add(time.Minute), "never": {}} {
		f := k.file(claim)
		f.NextAt = at
		k.added(f)
	}
	due := func(now time.Time, limit int) (out []string) {
		for _, f := range ask(k.DueFiles(k.ctx, now, limit)).get(k) {
			out = append(out, f.Claim)
		}
		return out
	}
	equal(k, due(epoch.Add(2*time.Second), 10), []string{"d1", "d2"})
	equal(k, due(epoch.Add(day), 1), []string{"d1"})
	equal(k, due(epoch, 10), nil)
}

// fileHeld has a transaction read a file by its message while another node wants to write it.
func fileHeld(k *kit) {
	f := k.file("held")
	f.Message = "C20261124HELD"
	f = k.added(f)
	reply := k.file("answer to held")
	reply.Kind, reply.Message = "answer", f.Message
	k.added(reply)
	equal(k, k.load(store.Need{File: "C20261124NONE"}).Files, nil)
	equal(k, k.load(store.Need{File: f.Message}, store.Need{File: "C20261124NONE"}).Files, map[string]store.File{f.Message: f})
	tx := k.begin()
	k.claimIn(tx)
	ask(tx.Load(k.ctx, []store.Need{{File: f.Message}}, nil)).get(k)
	answers := make(chan answer[bool], 1)
	go func() { answers <- ask(true, k.PutFile(k.ctx, f)) }()
	pending(k, answers)
	tx.Rollback()
	equal(k, (<-answers).get(k), true)
}
