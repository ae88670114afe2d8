package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tolom/money"
	"tolom/payment"
	"tolom/seal"
	"tolom/trail"
)

// receiptCmd works on receipts without a platform or database.
type receiptCmd struct {
	Verify receiptVerifyCmd `cmd:"" help:"Say whether a receipt was signed by the platform, and whether its payment stands in the log; offline, or against the published log."`
}

// receiptVerifyCmd checks one receipt.
type receiptVerifyCmd struct {
	Receipt    string   `arg:"" help:"The signed text that begins with TR1., a link that ends with it, a file that holds either, or - for standard input."`
	Key        []string `required:"" type:"existingfile" help:"Public keys of the platform: JWKS, as under /.well-known/jwks.json, or PEM. May be given again."`
	Proof      string   `type:"existingfile" help:"The proof that the payment stands in the log, as PLATFORM/log/proof/PAYMENT gives it; offline."`
	Log        string   `help:"The published log: the platform's address, or a folder that \"tolom audit copy\" made. Asked for the proof, where none is given, and for the newest checkpoint."`
	Checkpoint []string `type:"existingfile" help:"Checkpoint of the log that was kept: the log must begin with its lines. May be given again."`
}

// Help is shown by tolom receipt verify --help.
func (receiptVerifyCmd) Help() string {
	return "A signature shows that the platform said so; the log shows that it cannot take it back, or say another thing to somebody else. Whether the money was given back since, only the platform knows: open the link, or ask at a point of sale."
}

// Run prints what was signed and where it stands, and fails when either is not so.
func (c *receiptVerifyCmd) Run(ctx context.Context, std *stdio) error {
	keys, err := readPublic(c.Key)
	if err != nil {
		return err
	}
	text := c.Receipt
	if !strings.Contains(text, "TR1.") {
		if text, err = readText(c.Receipt, std); err != nil {
			return err
		}
	}
	r, err := seal.ReadReceipt(text, keys)
	if err != nil {
		return err
	}
	stands, err := c.stands(ctx, std, r, keys)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "real: signed by the platform\npayment   %s\namount    %s %s\npaid at   %s\nmerchant  %q\nstore     %q\n%s",
		r.Payment, money.Amount(r.Amount).Plain(), r.Currency, r.PaidAt.Format("2006-01-02T15:04:05.000Z"), r.Merchant, r.Store, stands)
	return err
}

// stands says where in the log the payment stands; "" when nobody asks for that.
func (c *receiptVerifyCmd) stands(ctx context.Context, std *stdio, r seal.Receipt, keys []seal.PublicKey) (string, error) {
	if c.Proof == "" && c.Log == "" {
		if len(c.Checkpoint) > 0 {
			return "", errors.New("--checkpoint is held against the log: give --proof or --log too")
		}
		return "", nil
	}
	log := openPublished(c.Log, false)
	proof, err := c.proof(ctx, std, log, r)
	if err != nil {
		return "", err
	}
	sealed, err := proof.Check(keys)
	if err == nil {
		err = tellsOf(proof.Line, r)
	}
	if err == nil {
		err = c.follows(ctx, std, log, sealed, keys)
	}
	if err != nil {
		return "", fmt.Errorf("the receipt is signed, but its payment is not shown to stand in the log: %w", err)
	}
	return fmt.Sprintf("in log    line %d of %s, under checkpoint %d over %d lines, of %s\n", proof.Line.Position, sealed.Origin, sealed.Number, sealed.Size, sealed.At.Format("2006-01-02T15:04:05.000Z")), nil
}

func (c *receiptVerifyCmd) proof(ctx context.Context, std *stdio, log published, r seal.Receipt) (p trail.Proof, err error) {
	var text string
	if c.Proof != "" {
		text, err = readText(c.Proof, std)
	} else {
		var b []byte
		b, err = log.file(ctx, "proof/"+r.Payment)
		text = string(b)
	}
	if err != nil {
		return p, fmt.Errorf("no proof: %w", err)
	}
	return trail.ReadProof(text)
}

// tellsOf says whether the line of a proof is the success that a receipt tells of; else what is another.
func tellsOf(line trail.Shown, r seal.Receipt) error {
	switch {
	case string(line.Payment) != r.Payment:
		return fmt.Errorf("the proof is of another payment: %s, and the receipt of %s", line.Payment, r.Payment)
	case line.Type != payment.PaymentSucceeded:
		return fmt.Errorf("the proof is of another fact of the payment: %s, and a receipt is of %s", line.Type, payment.PaymentSucceeded)
	case int64(line.Amount) != r.Amount:
		return fmt.Errorf("the amount is another: %s in the log, %s in the receipt", line.Amount.Plain(), money.Amount(r.Amount).Plain())
	case !line.At.Equal(r.PaidAt):
		return fmt.Errorf("the time is another: %v in the log, %v in the receipt", line.At, r.PaidAt)
	}
	return nil
}

// follows holds the checkpoint of the proof, those that were kept and the newest against each other.
func (c *receiptVerifyCmd) follows(ctx context.Context, std *stdio, log published, sealed trail.Checkpoint, keys []seal.PublicKey) error {
	newest := sealed
	if c.Log != "" {
		var err error
		if _, newest, err = log.newest(ctx, keys); err != nil {
			return err
		}
		if err = trail.Follows(newest, sealed, log.tiles(ctx, newest.Size)); err != nil {
			return err
		}
	}
	for _, path := range c.Checkpoint {
		kept, err := readCheckpoint(path, std, keys)
		if err != nil {
			return err
		}
		if c.Log == "" && kept.Size < newest.Size {
			return fmt.Errorf("%s: it is older than the proof: give --log too, whose hashes lead from one to the other", path)
		}
		if err := trail.Follows(newest, kept, log.tiles(ctx, newest.Size)); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// readCheckpoint opens a checkpoint that was kept in a file.
func readCheckpoint(path string, std *stdio, keys []seal.PublicKey) (trail.Checkpoint, error) {
	text, err := readText(path, std)
	if err != nil {
		return trail.Checkpoint{}, err
	}
	kept, err := trail.Open(text, keys)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return kept, err
}
