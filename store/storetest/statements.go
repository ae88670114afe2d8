package storetest

import (
	"slices"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

var statements = chapter{name: "Statement", sentences: []sentence{
	{"A merchant without a payment has an empty one", statementEmpty},
	{"A payment belongs to the day of its success", statementDays},
	{"A success at midnight opens a day, it does not close one", statementBounds},
	{"Payments come by the time of their success", statementOrder},
	{"Payments that did not succeed are not on it", statementOnlySuccess},
	{"A refund is on the day it was asked for and on the day it ended", statementRefunds},
	{"The closing balance of a day is what it was then", statementClosing},
	{"Other merchants are not on it", statementForeign},
}}

const day = 24 * time.Hour

func (k *kit) statement(s shop, from, to time.Time) store.StatementRows {
	k.t.Helper()
	return ask(k.Statement(k.ctx, s.merchant, from, to)).get(k)
}

// on checks which payments and refunds a statement shows; refunds have no order.
func (k *kit) on(rows store.StatementRows, payments, refunds []id.ID) {
	k.t.Helper()
	equal(k, idsOf(rows.Payments, paymentID), payments)
	equal(k, slices.Sorted(slices.Values(idsOf(rows.Refunds, refundID))), slices.Sorted(slices.Values(refunds)))
}

func statementEmpty(k *kit) {
	rows := k.statement(k.newShop(), epoch, epoch.Add(day))
	k.on(rows, nil, nil)
	equal(k, rows.Balance+rows.Later, money.Amount(0))
}

// sale pays a static request of the shop at a moment, through the rules and the books.
func (k *kit) sale(s shop, r payment.Request, amount money.Amount, at time.Time) payment.Payment {
	k.t.Helper()
	p := k.payment(s, r, amount)
	p.ID, p.Fee, p.Interchange = k.idAt(id.Payment, p.ID.Bucket(), at), 0, 0
	k.decideAt(at, store.Need{Request: r.ID}, payment.Create{Payment: p})
	k.decideAt(at, store.Need{Request: r.ID, Payment: p.ID}, payment.Execute{Payment: p.ID, PSP: p.PSP})
	return ask(k.Payment(k.ctx, p.ID)).get(k)
}

func statementDays(k *kit) {
	s, r := k.newRequest(payment.Static)
	first, second := k.sale(s, r, 100, epoch), k.sale(s, r, 200, epoch.Add(day))
	k.on(k.statement(s, epoch, epoch.Add(day)), []id.ID{first.ID}, nil)
	k.on(k.statement(s, epoch.Add(day), epoch.Add(2*day)), []id.ID{second.ID}, nil)
	k.on(k.statement(s, epoch.Add(2*day), epoch.Add(3*day)), nil, nil)
	k.on(k.statement(s, epoch.Add(-9*day), epoch.Add(9*day)), []id.ID{first.ID, second.ID}, nil)
	equal(k, k.statement(s, epoch, epoch.Add(day)).Payments, []payment.Payment{first})
}

func statementBounds(k *kit) {
	s, r := k.newRequest(payment.Static)
	before := k.sale(s, r, 1, epoch.Add(-time.Millisecond))
	at := k.sale(s, r, 2, epoch)
	last := k.sale(s, r, 4, epoch.Add(day-time.Millisecond))
	after := k.sale(s, r, 8, epoch.Add(day))
	rows := k.statement(s, epoch, epoch.Add(day))
	k.on(rows, []id.ID{at.ID, last.ID}, nil)
	equal(k, rows.Balance, 15)
	equal(k, rows.Later, 8)
	k.on(k.statement(s, epoch.Add(-day), epoch), []id.ID{before.ID}, nil)
	k.on(k.statement(s, epoch.Add(day), epoch.Add(2*day)), []id.ID{after.ID}, nil)
}

func statementOrder(k *kit) {
	s, r := k.newRequest(payment.Static)
	late := k.sale(s, r, 1, epoch.Add(3*time.Second))
	early := k.sale(s, r, 2, epoch.Add(time.Second))
	middle := k.sale(s, r, 4, epoch.Add(2*time.Second))
	k.on(k.statement(s, epoch, epoch.Add(day)), []id.ID{early.ID, middle.ID, late.ID}, nil)
}

func statementOnlySuccess(k *kit) {
	s, r := k.newRequest(payment.Static)
	canceled, failed := k.payment(s, r, 5), k.payment(s, r, 5)
	canceled.Status, canceled.EndedAt = payment.Canceled, epoch
	failed.Status, failed.EndedAt = payment.Failed, epoch
	k.save(store.Changes{NewPayments: []payment.Payment{canceled, failed, k.payment(s, r, 5)}})
	k.on(k.statement(s, epoch.Add(-day), epoch.Add(day)), nil, nil)
}

// giveBack asks for a refund at a moment.
func (k *kit) giveBack(p payment.Payment, amount money.Amount, at time.Time) payment.Refund {
	k.t.Helper()
	f := k.refund(p, amount)
	f.ID = k.idAt(id.Refund, f.ID.Bucket(), at)
	k.decideAt(at, store.Need{Request: p.Request, Payment: p.ID}, payment.RequestRefund{Refund: f})
	return f
}

// ends lets the PSP say at a moment what became of a refund.
func (k *kit) ends(f payment.Refund, credited bool, at time.Time) {
	k.t.Helper()
	k.decideAt(at, store.Need{Request: f.Request, Refund: f.ID}, payment.AckRefund{Refund: f.ID, PSP: f.PSP, Credited: credited})
}

func statementRefunds(k *kit) {
	s, r := k.newRequest(payment.Static)
	p := k.sale(s, r, 1000, epoch.Add(-9*day))
	sameDay, nextDay, open := k.giveBack(p, 100, epoch), k.giveBack(p, 200, epoch), k.giveBack(p, 300, epoch.Add(day))
	k.ends(sameDay, true, epoch.Add(time.Hour))
	k.ends(nextDay, false, epoch.Add(day))
	k.on(k.statement(s, epoch, epoch.Add(day)), nil, []id.ID{sameDay.ID, nextDay.ID})
	k.on(k.statement(s, epoch.Add(day), epoch.Add(2*day)), nil, []id.ID{nextDay.ID, open.ID})
	k.on(k.statement(s, epoch.Add(2*day), epoch.Add(3*day)), nil, nil)
	k.on(k.statement(s, epoch.Add(-day), epoch), nil, nil)
	k.on(k.statement(s, epoch.Add(-day), epoch.Add(time.Millisecond)), nil, []id.ID{sameDay.ID, nextDay.ID})
}

func statementClosing(k *kit) {
	s, r := k.newRequest(payment.Static)
	p := k.sale(s, r, 1000, epoch)
	k.sale(s, r, 500, epoch.Add(time.Hour))
	kept, returned := k.giveBack(p, 300, epoch.Add(day)), k.giveBack(p, 50, epoch.Add(day))
	k.ends(kept, true, epoch.Add(2*day))
	k.ends(returned, false, epoch.Add(3*day))
	for n, want := range []money.Amount{1500, 1150, 1150, 1200, 1200} {
		to := epoch.Add(time.Duration(n+1) * day)
		rows := k.statement(s, to.Add(-day), to)
		equal(k, rows.Balance, 1200)
		equal(k, rows.Balance-rows.Later, want)
	}
	equal(k, k.balance(ledger.Of(s.merchant, ledger.Payable)), 1200)
}

func statementForeign(k *kit) {
	s, r := k.newRequest(payment.Static)
	other, foreign := k.newRequest(payment.Static)
	k.giveBack(k.sale(other, foreign, 70, epoch), 7, epoch)
	p := k.sale(s, r, 5, epoch)
	rows := k.statement(s, epoch, epoch.Add(day))
	k.on(rows, []id.ID{p.ID}, nil)
	equal(k, rows.Balance, 5)
}
