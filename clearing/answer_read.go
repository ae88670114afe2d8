package clearing

// answerReader gathers an answer from its parts.
type answerReader struct {
	a     Answer
	group bool // the answer spoke of the message as a whole
}

func (b *answerReader) take(part string, x answerXML) (err error) {
	switch part {
	case "GrpHdr":
		b.a.Message = x.Message
		b.a.Created, err = timeOf("CreDtTm", x.Created)
		return err
	case "TxInfAndSts":
		return first(b.about(x.GroupOf, x.FormatOf), b.item(x))
	case "OrgnlPmtInfAndSts":
		return b.paymentGroup(x)
	}
	return b.whole(x)
}

// about sees that one answer speaks of one message.
func (b *answerReader) about(original, format string) error {
	if original == "" {
		return nil
	}
	if b.a.Original != "" && b.a.Original != original {
		return bad("it answers %s and %s; each message is answered by a file of its own", b.a.Original, original)
	}
	b.a.Original = original
	if b.a.Format == "" {
		b.a.Format = format
	}
	return nil
}

func (b *answerReader) whole(x answerXML) (err error) {
	if b.group {
		return bad("it speaks of the whole message twice")
	}
	b.group = true
	b.a.Reasons = append(b.a.Reasons, reasonsOf(x)...)
	if x.Group != "" {
		if b.a.Verdict, err = verdictOf("GrpSts", x.Group); err != nil {
			return err
		}
	}
	return b.about(x.Original, x.Format)
}

// paymentGroup takes a group of pain.002. Its status counts for the message where that said none.
func (b *answerReader) paymentGroup(x answerXML) error {
	if x.Payment != "" && len(x.Items) == 0 {
		v, err := verdictOf("PmtInfSts", x.Payment)
		if err != nil {
			return err
		}
		if b.a.Verdict == "" {
			b.a.Verdict = v
		} else if b.a.Verdict != v {
			b.a.Verdict = Partly
		}
	}
	b.a.Reasons = append(b.a.Reasons, reasonsOf(x)...)
	for _, i := range x.Items {
		if err := b.item(i); err != nil {
			return err
		}
	}
	return nil
}

func (b *answerReader) item(x answerXML) error {
	o := Outcome{Reasons: reasonsOf(x)}
	for _, name := range []string{x.Instructed, x.Tx, x.EndToEnd} {
		if name != "" && name != "NOTPROVIDED" {
			o.ID = name
		}
	}
	switch {
	case x.Status != "":
		var err error
		if o.Verdict, err = verdictOf("TxSts", x.Status); err != nil {
			return err
		}
	case b.a.Verdict == "" || b.a.Verdict == Partly:
		return bad("the transfer %q has no status", o.ID)
	default:
		o.Verdict = b.a.Verdict
	}
	b.a.Items = append(b.a.Items, o)
	return nil
}

// done settles what the group did not say: items of one verdict are the message's.
func (b *answerReader) done() (Answer, error) {
	if b.a.Verdict == "" && len(b.a.Items) > 0 {
		b.a.Verdict = b.a.Items[0].Verdict
		for _, i := range b.a.Items {
			if i.Verdict != b.a.Verdict {
				b.a.Verdict = Partly
			}
		}
	}
	if b.a.Verdict == "" {
		return Answer{}, bad("it says neither of the message nor of any transfer what came of it")
	}
	return b.a, first(b.a.check(), b.consistent())
}

// consistent refuses an answer whose whole and parts disagree.
func (b *answerReader) consistent() error {
	for _, i := range b.a.Items {
		if b.a.Verdict != Partly && b.a.Verdict != Waiting && i.Verdict != b.a.Verdict {
			return bad("it says %s of the message and %s of its transfer %s", b.a.Verdict, i.Verdict, i.ID)
		}
	}
	return nil
}

func verdictOf(field, code string) (Verdict, error) {
	v, ok := verdicts[code]
	if !ok {
		return "", bad("%s %q is no known status", field, code)
	}
	return v, nil
}

func reasonsOf(x answerXML) (out []Reason) {
	for _, r := range x.Reasons {
		reason := Reason{Code: r.Code}
		if reason.Code == "" {
			reason.Code = r.Own
		}
		for _, t := range r.Texts {
			reason.Text += t
		}
		if reason != (Reason{}) {
			out = append(out, reason)
		}
	}
	return out
}
