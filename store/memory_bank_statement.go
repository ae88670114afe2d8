package store

import (
	"context"
	"slices"

	"tolom/id"
)

// AddStatement keeps a statement, or gives the one of the same file.
func (m *Memory) AddStatement(ctx context.Context, st BankStatement, credits []BankCredit) (kept BankStatement, made bool, err error) {
	err = m.write(ctx, func(t *tables) error {
		for _, other := range t.recon.statements {
			if other.Merchant == st.Merchant && other.Digest == st.Digest {
				kept = other
				return nil
			}
		}
		brought := brings(st, credits)
		for i, b := range brought {
			if _, twice := t.recon.brought[b.Payout]; twice || slices.ContainsFunc(brought[:i], func(x payoutCredit) bool { return x.Payout == b.Payout }) {
				return ErrTaken
			}
		}
		for _, b := range brought {
			t.recon.brought[b.Payout] = b
		}
		st.CreatedAt = whole(st.CreatedAt)
		t.recon.statements[st.ID], t.recon.credits[st.ID] = st, slices.Clone(credits)
		kept, made = st, true
		return nil
	})
	return kept, made, err
}

// BankStatement gives a statement.
func (m *Memory) BankStatement(ctx context.Context, name id.ID) (BankStatement, error) {
	return read(ctx, m, func(t *tables) (BankStatement, error) { return row(t.recon.statements, name) })
}

// BankStatementsOf lists a merchant's statements.
func (m *Memory) BankStatementsOf(ctx context.Context, merchant, before id.ID, limit int) ([]BankStatement, error) {
	return read(ctx, m, func(t *tables) (out []BankStatement, err error) {
		for _, s := range t.recon.statements {
			if s.Merchant == merchant && (before == "" || s.ID < before) {
				out = append(out, s)
			}
		}
		slices.SortFunc(out, func(a, b BankStatement) int { return compareIDs(b.ID, a.ID) })
		return out[:min(len(out), limit)], nil
	})
}

// BankCredits gives the credits of a statement.
func (m *Memory) BankCredits(ctx context.Context, statement id.ID) ([]BankCredit, error) {
	return read(ctx, m, func(t *tables) ([]BankCredit, error) { return slices.Clone(t.recon.credits[statement]), nil })
}

// CreditsOf gives the keys of the credits that brought payouts.
func (m *Memory) CreditsOf(ctx context.Context, _ id.ID, payouts []id.ID) (map[id.ID]string, error) {
	return read(ctx, m, func(t *tables) (map[id.ID]string, error) {
		out := map[id.ID]string{}
		for _, p := range payouts {
			if b, there := t.recon.brought[p]; there {
				out[p] = b.Key
			}
		}
		return out, nil
	})
}

// PayoutsByKey gives the payouts that credits brought.
func (m *Memory) PayoutsByKey(ctx context.Context, merchant id.ID, keys []string) (map[string]id.ID, error) {
	return read(ctx, m, func(t *tables) (map[string]id.ID, error) {
		out := map[string]id.ID{}
		for _, b := range t.recon.brought {
			if b.Merchant == merchant && slices.Contains(keys, b.Key) {
				out[b.Key] = b.Payout
			}
		}
		return out, nil
	})
}
