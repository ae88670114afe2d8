package store

import (
	"tolom/id"
	"tolom/payment"
)

// These say where a row carries its id and its version.

func idOfRequest(r payment.Request) id.ID { return r.ID }
func idOfPayment(p payment.Payment) id.ID { return p.ID }
func idOfRefund(r payment.Refund) id.ID   { return r.ID }
func idOfFact(f payment.Fact) id.ID       { return f.ID }

func versionOfRequest(r payment.Request) int64 { return r.Version }
func versionOfPayment(p payment.Payment) int64 { return p.Version }
func versionOfRefund(r payment.Refund) int64   { return r.Version }
