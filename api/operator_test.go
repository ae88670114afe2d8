package api_test

import (
	"encoding/base64"
	"net/http"
	"testing"

	"tolom/api/operator"
	"tolom/wire"
)

func (a ask) asOperator() ask {
	return a.with("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(login+":"+password)))
}

// order has the operator do something.
func order[T any](k *kit, status int, path, body string) T {
	k.t.Helper()
	return decode[T](k.t, k.want(status, post("/operator/v1/"+path, body).asOperator()).body)
}

func TestAnOperatorBringsAShopToItsFirstSale(t *testing.T) {
	k := newKit(t).hire()
	bank := order[operator.Participant](k, 201, "participants", `{"name":"New bank","bic":"NEWBKG22"}`)
	shop := order[operator.Merchant](k, 201, "merchants", `{"participant_id":"`+bank.ID+`","name":"Жаңы дүкөн","mcc":"5411","tariff":{"rate":100}}`)
	place := order[operator.Store](k, 201, "stores", `{"merchant_id":"`+shop.ID+`","name":"Market"}`)
	till := order[operator.Till](k, 201, "tills", `{"merchant_id":"`+shop.ID+`","store_id":"`+place.ID+`","name":"Till 1"}`)
	key := order[operator.Key](k, 201, "keys", `{"owner_id":"`+shop.ID+`","till_id":"`+till.ID+`","name":"till"}`)
	if shop.NameLatin == "" || key.Secret == "" || key.Hint != key.Secret[len(key.Secret)-4:] {
		t.Errorf("shop %+v, key %+v", shop, key)
	}
	sell := post("/v1/payment-requests", `{"amount":100}`).as(key.Secret)
	r := decode[wire.PaymentRequest](t, k.want(http.StatusCreated, sell.keyed(fresh())).body)
	if r.TillID != till.ID || r.StoreID != place.ID {
		t.Errorf("sold at %+v", r)
	}
	list := decode[operator.List[operator.Key]](t, k.want(http.StatusOK, get("/operator/v1/keys?owner_id="+shop.ID).asOperator()).body)
	if len(list.Data) != 1 || list.Data[0].Secret != "" || list.Data[0].ID != key.ID {
		t.Errorf("keys %+v", list.Data)
	}
	if revoked := order[operator.Key](k, 200, "keys/"+key.ID+"/revoke", ""); revoked.RevokedAt.IsZero() {
		t.Errorf("revoked %+v", revoked)
	}
	k.refused(http.StatusUnauthorized, "unauthorized", "", sell.keyed(fresh()))
}

func TestSuspendedMerchantsAndPSPsDoNotTakePayments(t *testing.T) {
	k := newKit(t).hire()
	r := k.sell(`{"amount":100}`)
	check := post("/psp/v1/check", jsonOf(wire.Check{Payload: r.Payload})).as(k.pspKey)
	if m := order[operator.Merchant](k, 200, "merchants/"+string(k.merchant.ID)+"/suspend", ""); !m.Suspended {
		t.Errorf("suspended %+v", m)
	}
	k.refused(http.StatusConflict, "merchant_suspended", "", check)
	order[operator.Merchant](k, 200, "merchants/"+string(k.merchant.ID)+"/resume", "")
	k.want(http.StatusOK, check)
	order[operator.PSP](k, 200, "psps/"+string(k.psp.ID)+"/suspend", "")
	k.refused(http.StatusForbidden, "forbidden", "", check)
	if p := order[operator.PSP](k, 200, "psps/"+string(k.psp.ID)+"/resume", ""); p.Suspended {
		t.Errorf("resumed %+v", p)
	}
	k.want(http.StatusOK, check)
}

func TestATariffHoldsForLaterPayments(t *testing.T) {
	k := newKit(t).hire()
	put := ask{method: http.MethodPut, path: "/operator/v1/merchants/" + string(k.merchant.ID) + "/tariff", body: `{"rate":200,"fixed":0,"min":0,"max":0,"interchange_rate":50,"refunds_fee":false}`}
	m := decode[operator.Merchant](t, k.want(http.StatusOK, put.asOperator().with("Content-Type", "application/json")).body)
	if m.Tariff != (operator.Tariff{Rate: 200, InterchangeRate: 50}) {
		t.Errorf("the tariff is %+v", m.Tariff)
	}
	k.paid(10000)
	if got := k.balance(); got != 9800 {
		t.Errorf("the balance is %d", got)
	}
	put.body = `{"rate":-1,"fixed":0,"min":0,"max":0,"interchange_rate":50,"refunds_fee":false}`
	k.refused(http.StatusBadRequest, "invalid_request", "tariff", put.asOperator().with("Content-Type", "application/json"))
}

func TestWhatAnOperatorMayNotWrite(t *testing.T) {
	k := newKit(t).hire()
	for _, c := range []struct {
		path, body  string
		status      int
		code, param string
	}{
		{"participants", `{"name":""}`, 400, "invalid_request", "name"},
		{"merchants", `{"participant_id":"par_1","name":"A","mcc":"5411"}`, 400, "invalid_request", "participant_id"},
		{"merchants", `{"participant_id":"` + string(k.merchant.Participant) + `","name":"A","mcc":"54"}`, 400, "invalid_request", "mcc"},
		{"stores", `{"merchant_id":"mer_1","name":"A"}`, 400, "invalid_request", "merchant_id"},
		{"tills", `{"merchant_id":"` + string(k.merchant.ID) + `","store_id":"st_00000000000000000000000000","name":"A"}`, 404, "not_found", "store_id"},
		{"keys", `{"owner_id":"nobody"}`, 404, "not_found", "owner_id"},
		{"keys/key_1/revoke", ``, 404, "not_found", ""},
		{"merchants/mer_1/suspend", ``, 404, "not_found", ""},
		{"psps/psp_1/suspend", ``, 404, "not_found", ""},
	} {
		k.refused(c.status, c.code, c.param, post("/operator/v1/"+c.path, c.body).asOperator())
	}
}

func TestOperatorsNeedTheirPassword(t *testing.T) {
	k := newKit(t).hire()
	for _, pair := range []string{login + ":wrong", "nobody:" + password, "", login + ":"} {
		a := get("/operator/v1/merchants").with("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
		k.refused(http.StatusUnauthorized, "unauthorized", "", a)
	}
	if got := k.do(get("/operator/v1/psps")).header.Get("WWW-Authenticate"); got != `Basic realm="tolom operator", charset="UTF-8"` {
		t.Errorf("WWW-Authenticate is %s", got)
	}
	list := decode[operator.List[operator.Merchant]](t, k.want(http.StatusOK, get("/operator/v1/merchants?limit=1").asOperator()).body)
	rest := decode[operator.List[operator.Merchant]](t, k.want(http.StatusOK, get("/operator/v1/merchants?limit=1&after="+list.After).asOperator()).body)
	if len(list.Data) != 1 || !list.HasMore || len(rest.Data) != 1 || rest.HasMore || rest.Data[0].ID == list.Data[0].ID {
		t.Errorf("listed %+v and %+v", list, rest)
	}
	for _, path := range []string{"participants", "stores?merchant_id=" + string(k.merchant.ID), "tills", "psps"} {
		if got := decode[operator.List[struct{ Name string }]](t, k.want(http.StatusOK, get("/operator/v1/"+path).asOperator()).body); len(got.Data) == 0 || got.Data[0].Name == "" {
			t.Errorf("%s lists %+v", path, got)
		}
	}
}

// limits sets the limits of an owner.
func (k *kit) limits(path, body string) ask {
	put := ask{method: http.MethodPut, path: "/operator/v1/" + path + "/limits", body: body}
	return put.asOperator().with("Content-Type", "application/json")
}

func TestLimitsAreSetShownAndKept(t *testing.T) {
	k := newKit(t).hire()
	shop, psp := "merchants/"+string(k.merchant.ID), "psps/"+string(k.psp.ID)
	bare := decode[operator.Limits](t, k.want(http.StatusOK, get("/operator/v1/"+psp+"/limits").asOperator()).body)
	if bare.DailyUsed != nil || bare.NetDebitUsed != nil || bare.NewLimits != (operator.NewLimits{}) {
		t.Errorf("without limits %+v", bare)
	}
	k.want(http.StatusOK, k.limits(shop, `{"min_amount":200,"max_amount":20000}`))
	set := decode[operator.Limits](t, k.want(http.StatusOK, k.limits(psp, `{"daily":25000,"net_debit":10000}`)).body)
	if set.Daily != 25000 || set.NetDebit != 10000 || *set.DailyUsed != 0 || *set.NetDebitUsed != 0 || set.Day != "2026-11-24" {
		t.Errorf("set %+v", set)
	}
	k.paid(10000)
	used := decode[operator.Limits](t, k.want(http.StatusOK, get("/operator/v1/"+psp+"/limits").asOperator()).body)
	if *used.DailyUsed != 10000 || *used.NetDebitUsed != 10000 {
		t.Errorf("used %d of a day, %d of the position", *used.DailyUsed, *used.NetDebitUsed)
	}
	k.refused(http.StatusConflict, "limit_psp_position", "", k.creates(k.sell(`{"amount":200}`), 200))
	k.refused(http.StatusBadRequest, "amount_too_small", "amount", k.creates(k.sell(`{"amount":199}`), 199))
	k.refused(http.StatusBadRequest, "amount_too_large", "amount", k.creates(k.sell(`{"amount":20001}`), 20001))
}

func TestLimitsThatCannotBe(t *testing.T) {
	k := newKit(t).hire()
	shop, psp := "merchants/"+string(k.merchant.ID), "psps/"+string(k.psp.ID)
	for _, c := range []struct {
		path, body  string
		status      int
		code, param string
	}{
		{shop, `{"daily":-1}`, 400, "amount_invalid", "daily"},
		{shop, `{"net_debit":1}`, 400, "invalid_request", "net_debit"},
		{psp, `{"min_amount":1}`, 400, "invalid_request", "min_amount"},
		{"participants/" + string(k.merchant.Participant), `{"max_amount":1}`, 400, "invalid_request", "max_amount"},
		{shop, `{"min_amount":5,"max_amount":4}`, 400, "invalid_request", "min_amount"},
		{"merchants/" + string(k.psp.ID), `{}`, 404, "not_found", ""},
		{"psps/psp_00000000000000000000000000", `{}`, 404, "not_found", ""},
	} {
		k.refused(c.status, c.code, c.param, k.limits(c.path, c.body))
	}
}

// creates begins a payment of a request, which may be refused.
func (k *kit) creates(r wire.PaymentRequest, amount int64) ask {
	body := jsonOf(wire.NewPSPPayment{PSPPaymentID: fresh(), Payload: r.Payload, Amount: amount, Currency: "KGS", Payer: wire.Payer{Key: r.ID}})
	return post("/psp/v1/payments", body).as(k.pspKey)
}

// TestATariffIsGivenWhole leaves out one field at a time: an empty body is no tariff of nothing.
func TestATariffIsGivenWhole(t *testing.T) {
	k := newKit(t)
	k.staff()
	path := "/operator/v1/merchants/" + string(k.merchant.ID) + "/tariff"
	put := func(body string) ask {
		return ask{method: http.MethodPut, path: path, body: body}.with("Content-Type", "application/json").asOperator()
	}
	k.refused(http.StatusBadRequest, "invalid_request", "rate", put(`{}`))
	whole := map[string]any{"rate": 90, "fixed": 0, "min": 100, "max": 0, "interchange_rate": 40, "refunds_fee": false}
	for name, value := range whole {
		delete(whole, name)
		k.refused(http.StatusBadRequest, "invalid_request", name, put(jsonOf(whole)))
		whole[name] = nil
		k.refused(http.StatusBadRequest, "invalid_request", name, put(jsonOf(whole)))
		whole[name] = value
	}
	k.want(http.StatusOK, put(jsonOf(whole)))
}
