package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"tolom/internal/openapifuzz"
)

// The operator of the run.
const (
	login    = "fuzz"
	password = "correct horse battery staple"
)

func documentOf(client *http.Client, base string) (*openapifuzz.Document, error) {
	response, err := client.Get(base + "/openapi.json")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return openapifuzz.Read(text)
}

// desk registers people by the operator API. The first refusal ends it.
type desk struct {
	client *http.Client
	base   string
	err    error
}

var asOperator = "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+password))

// add makes a record and gives what is answered, all of it texts but for a few numbers.
func (d *desk) add(what string, body map[string]any) map[string]any {
	out := map[string]any{}
	if d.err != nil {
		return out
	}
	text, err := json.Marshal(body)
	if err != nil {
		d.err = err
		return out
	}
	r, err := http.NewRequest(http.MethodPost, d.base+"/operator/v1/"+what, bytes.NewReader(text))
	if err != nil {
		d.err = err
		return out
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", asOperator)
	response, err := d.client.Do(r)
	if err != nil {
		d.err = err
		return out
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusCreated {
		err = fmt.Errorf("%s: %d %s", what, response.StatusCode, answer)
	}
	if err == nil {
		err = json.Unmarshal(answer, &out)
	}
	d.err = err
	return out
}

// key gives an owner a key, and the credential that goes with it.
func (d *desk) key(scheme string, owner, till any, knows ...any) openapifuzz.Credential {
	body := map[string]any{"owner_id": owner}
	if till != nil {
		body["till_id"] = till
	}
	made := d.add("keys", body)
	c := openapifuzz.Credential{Scheme: scheme, Owner: fmt.Sprint(owner), Authorization: fmt.Sprint("Bearer ", made["secret"]), Lasting: true}
	for _, v := range append(knows, made["id"]) {
		c.Knows = append(c.Knows, fmt.Sprint(v))
	}
	return c
}

// settle brings a worker its own people: two merchants, one with a till, and two PSPs.
func settle(client *http.Client, base string, n int) ([]openapifuzz.Credential, error) {
	d := &desk{client: client, base: base}
	bank := d.add("participants", map[string]any{"name": fmt.Sprint("Bank ", n)})["id"]
	shop := d.add("merchants", map[string]any{"participant_id": bank, "name": "Demo shop", "mcc": "5411", "tariff": map[string]any{"rate": 100, "interchange_rate": 40, "refunds_fee": true}})["id"]
	other := d.add("merchants", map[string]any{"participant_id": bank, "name": "Other shop", "mcc": "5812"})["id"]
	place := d.add("stores", map[string]any{"merchant_id": shop, "name": "Main store"})["id"]
	till := d.add("tills", map[string]any{"merchant_id": shop, "store_id": place, "name": "Till 1"})["id"]
	wallet := d.add("psps", map[string]any{"participant_id": bank, "name": "Demo wallet"})["id"]
	foreign := d.add("participants", map[string]any{"name": fmt.Sprint("Other bank ", n)})["id"] // PSPs of one bank share its files.
	second := d.add("psps", map[string]any{"participant_id": foreign, "name": "Other wallet"})["id"]
	people := []openapifuzz.Credential{
		d.key("merchantKey", shop, nil, place, till), d.key("merchantKey", shop, till), d.key("merchantKey", other, nil),
		d.key("pspKey", wallet, nil), d.key("pspKey", second, nil),
	}
	return people, d.err
}

// settleAll brings every worker its people. An operator sees everybody, and knows whose keys nobody is to revoke.
func settleAll(client *http.Client, base string, workers int) ([][]openapifuzz.Credential, error) {
	operator := openapifuzz.Credential{Scheme: "operatorLogin", Owner: "operators", Authorization: asOperator, Lasting: true}
	crews := make([][]openapifuzz.Credential, workers)
	for n := range crews {
		people, err := settle(client, base, n)
		if err != nil {
			return nil, err
		}
		crews[n] = people
		for i, who := range people {
			operator.Knows = append(operator.Knows, who.Knows...)
			if first := i == 0 || people[i-1].Scheme != who.Scheme; first {
				operator.Knows = append(operator.Knows, who.Owner)
			}
		}
	}
	for n := range crews {
		crews[n] = append(crews[n], operator)
	}
	return crews, nil
}
