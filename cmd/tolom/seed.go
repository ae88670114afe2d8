package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/seal"
	"tolom/store"
	"tolom/tariff"
	"tolom/world"
)

// keys is demo.json: what a newcomer, a test or a script needs to use the demo.
type keys struct {
	BaseURL     string   `json:"base_url"`
	MerchantKey string   `json:"merchant_key"`
	MerchantID  string   `json:"merchant_id"`
	TillKey     string   `json:"till_key"`
	TillID      string   `json:"till_id"`
	StoreID     string   `json:"store_id"`
	PSPID       string   `json:"psp_id"`
	PSPKey      string   `json:"psp_key"`
	PSPSigning  signing  `json:"psp_signing"`
	Operator    operator `json:"operator"`

	People []demoPerson `json:"people"`
}

// signing is what the demo's PSP signs its requests with (RFC 9421).
type signing struct {
	KeyID        string `json:"key_id"`
	Algorithm    string `json:"algorithm"`
	PrivateKey   string `json:"private_key"`   // PEM
	PlatformKeys string `json:"platform_keys"` // where the keys are that the answers are verified with
}

type operator struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

// readKeys gives the keys of an earlier start; none when there was none.
func readKeys(folder string) (keys, error) {
	text, err := os.ReadFile(filepath.Join(folder, "demo.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return keys{}, nil
	}
	if err != nil {
		return keys{}, err
	}
	var k keys
	if err := json.Unmarshal(text, &k); err != nil {
		return keys{}, fmt.Errorf("%s is damaged; remove it and start again for new keys: %w", filepath.Join(folder, "demo.json"), err)
	}
	return k, nil
}

// write replaces demo.json whole, so that nobody reads half of it.
func (k keys) write(folder string) error {
	text, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return err
	}
	whole := filepath.Join(folder, "demo.json")
	if err := os.WriteFile(whole+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(whole+".new", whole)
}

// seed fills an empty demo database and gives the keys. A start that was killed
// midway left some of it: what is there is used, and only keys are made anew,
// because their secrets were shown to nobody.
func seed(ctx context.Context, r *flow.Registry, w world.World) (keys, error) {
	m, err := theOnly(ctx, r.Desk().Merchants(), func() (store.Merchant, error) { return seedMerchant(ctx, r) })
	if err != nil {
		return keys{}, err
	}
	place, err := theOnly(ctx, r.Desk().Stores(), func() (store.Place, error) {
		return r.AddStore(ctx, store.Place{Merchant: m.ID, Name: "Ала-Тоо аянты", Address: "Бишкек, Чүй проспектиси"})
	})
	if err != nil {
		return keys{}, err
	}
	till, err := theOnly(ctx, r.Desk().Tills(), func() (store.Till, error) {
		return r.AddTill(ctx, store.Till{Merchant: m.ID, Store: place.ID, Name: "Касса 1"})
	})
	if err != nil {
		return keys{}, err
	}
	psp, err := theOnly(ctx, r.Desk().PSPs(), func() (store.PSP, error) {
		return r.AddPSP(ctx, store.PSP{Name: "Demo Bank", BIC: "DEMOKG22"})
	})
	if err != nil {
		return keys{}, err
	}
	return seedKeys(ctx, r, w, m.ID, till, psp.ID)
}

func seedMerchant(ctx context.Context, r *flow.Registry) (store.Merchant, error) {
	bank, err := r.AddParticipant(ctx, store.Participant{Name: "Demo Bank", BIC: "DEMOKG22"})
	if err != nil {
		return store.Merchant{}, err
	}
	return r.AddMerchant(ctx, store.Merchant{
		Participant: bank.ID, Name: "Кафе «Ала-Тоо»", NameLatin: "KAFE ALA-TOO", MCC: "5812", TaxID: "00000000000000", BankAccount: "1000000000000000",
		Tariff: tariff.Tariff{Rate: 50, InterchangeRate: 20, RefundsFee: true}, RefundOverdraft: 100_000 * money.Amount(100),
	})
}

func seedKeys(ctx context.Context, r *flow.Registry, w world.World, merchant id.ID, till store.Till, psp id.ID) (k keys, err error) {
	k.MerchantID, k.TillID, k.StoreID, k.PSPID = string(merchant), string(till.ID), string(till.Store), string(psp)
	if _, k.MerchantKey, err = r.IssueKey(ctx, merchant, "", "demo shop"); err != nil {
		return k, err
	}
	if _, k.TillKey, err = r.IssueKey(ctx, merchant, till.ID, "demo till"); err != nil {
		return k, err
	}
	if _, k.PSPKey, err = r.IssueKey(ctx, psp, "", "demo bank"); err != nil {
		return k, err
	}
	if k.PSPSigning, err = seedSigning(ctx, r, w, psp); err != nil {
		return k, err
	}
	k.Operator.Login, k.Operator.Password, err = seedOperator(ctx, r, w)
	return k, err
}

// seedSigning registers a new public key of the PSP.
func seedSigning(ctx context.Context, r *flow.Registry, w world.World, psp id.ID) (s signing, err error) {
	var random [32]byte
	if _, err := w.Entropy.Read(random[:]); err != nil {
		return s, err
	}
	key := seal.NewPrivateKey(random)
	if s.PrivateKey, err = key.PEM(); err != nil {
		return s, err
	}
	public, err := key.Public().Text()
	if err != nil {
		return s, err
	}
	s.Algorithm = string(key.Public().Algorithm())
	registered, err := r.AddPSPKey(ctx, store.PSPKey{PSP: psp, Name: "demo bank", Algorithm: s.Algorithm, Public: public})
	s.KeyID = string(registered.ID)
	return s, err
}

// seedOperator adds a member of staff with a random password. The login carries
// a part of it, so that a second seeding does not meet the first one's.
func seedOperator(ctx context.Context, r *flow.Registry, w world.World) (login, password string, err error) {
	var random [32]byte
	if _, err := w.Entropy.Read(random[:]); err != nil {
		return "", "", err
	}
	password = seal.NewKey("", random)[:24]
	login = "operator"
	if _, err := r.Desk().PersonByLogin(ctx, login); !errors.Is(err, store.ErrNotFound) {
		login = "operator-" + password[20:]
	}
	_, err = r.AddOperator(ctx, login, password)
	return login, password, err
}

// theOnly gives the first record of a shelf, or makes one.
func theOnly[T any](ctx context.Context, shelf store.Shelf[T], add func() (T, error)) (T, error) {
	found, err := shelf.List(ctx, "", "", 1)
	if err != nil || len(found) == 0 {
		var none T
		if err != nil {
			return none, err
		}
		return add()
	}
	return found[0], nil
}
