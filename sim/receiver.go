package sim

import (
	"net/http"
	"time"

	"tolom/seal"
)

// receiver is the server of a shop that takes webhooks.
type receiver struct {
	w      *World
	shop   *shop
	secret string
	down   bool
	took   map[string]bool // events that it answered with 2xx
}

// serve answers a webhook. What is not signed for it is refused, and what it has is taken again.
func (r *receiver) serve(m message, x *exchange) {
	w := r.w
	if r.down {
		x.fail(errRefused)
		return
	}
	w.begin(0, nil, func() {
		if w.trouble(.02) {
			w.sleep(w.within(12 * time.Second)) // a slow one
		}
		if m.broken {
			x.fail(errReset)
			return
		}
		x.reply(answer{status: r.judge(m), header: http.Header{}, body: []byte("ok")})
	})
}

func (r *receiver) judge(m message) int {
	hook := seal.Webhook{
		ID: m.header.Get(seal.HeaderWebhookID), Timestamp: m.header.Get(seal.HeaderWebhookTimestamp),
		Signature: m.header.Get(seal.HeaderWebhookSignature), Body: m.body,
	}
	if err := seal.VerifyWebhook([]string{r.secret}, hook, r.w.clock.Now(), time.Hour); err != nil {
		r.w.count("webhook refused")
		return http.StatusBadRequest
	}
	if r.w.trouble(.01) {
		return http.StatusInternalServerError
	}
	r.w.witness.toldEvent(r.shop.merchant, m.body)
	r.took[hook.ID] = true
	return http.StatusOK
}
