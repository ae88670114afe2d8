package flaw

// The flaws, by the room that each is planted in.
const (
	ExecuteCanceled        Name = "flaw:execute-canceled"
	ExecuteExpired         Name = "flaw:execute-expired"
	SecondExecute          Name = "flaw:second-execute"
	LostRaceStays          Name = "flaw:lost-race-stays"
	SupersededStays        Name = "flaw:superseded-stays"
	CancelSucceeded        Name = "flaw:cancel-succeeded"
	CancelKeepsPayments    Name = "flaw:cancel-keeps-payments"
	ExpirySuccess          Name = "flaw:expiry-success"
	ExpireEarly            Name = "flaw:expire-early"
	RequestNeverExpires    Name = "flaw:request-never-expires"
	PaymentOutlives        Name = "flaw:payment-outlives"
	WrongAmount            Name = "flaw:wrong-amount"
	TotalTwice             Name = "flaw:total-twice"
	FactForgotten          Name = "flaw:fact-forgotten"
	RefundUnbounded        Name = "flaw:refund-unbounded"
	RefundPendingForgotten Name = "flaw:refund-pending-forgotten"
	AckTwice               Name = "flaw:ack-twice"
	AckReversed            Name = "flaw:ack-reversed"
	FeeRoundedUp           Name = "flaw:fee-rounded-up"
	InterchangeKept        Name = "flaw:interchange-kept"
	LegSwapped             Name = "flaw:leg-swapped"
	InterchangeMissing     Name = "flaw:interchange-missing"
	FeeTwice               Name = "flaw:fee-twice"
	PositionKept           Name = "flaw:position-kept"
	PositionForgetsRefunds Name = "flaw:position-forgets-refunds"
	AnswerEarly            Name = "flaw:answer-early"
	UnknownIsSuccess       Name = "flaw:unknown-is-success"
	OutboxApart            Name = "flaw:outbox-apart"
	DeltaTwice             Name = "flaw:delta-twice"
	EntryForgotten         Name = "flaw:entry-forgotten"
	SliceIgnored           Name = "flaw:slice-ignored"
	ClaimsLostOnRetry      Name = "flaw:claims-lost-on-retry"
	ClaimsKept             Name = "flaw:claims-kept"
	TombstoneRolledBack    Name = "flaw:tombstone-rolled-back"
	GuardForgotten         Name = "flaw:guard-forgotten"
	GuardUnread            Name = "flaw:guard-unread"
	NodeClock              Name = "flaw:node-clock"
	NoTombstone            Name = "flaw:no-tombstone"
	TombstoneUnknown       Name = "flaw:tombstone-unknown"
	NameReused             Name = "flaw:name-reused"
	KeyReused              Name = "flaw:key-reused"
	KeyForgotten           Name = "flaw:key-forgotten"
	RefusalForgotten       Name = "flaw:refusal-forgotten"
	OrderUnclaimed         Name = "flaw:order-unclaimed"
	RefundRefUnclaimed     Name = "flaw:refund-ref-unclaimed"
	ForeignPayment         Name = "flaw:foreign-payment"
	ForeignRequest         Name = "flaw:foreign-request"
	CapPassed              Name = "flaw:cap-passed"
	LimitUnguarded         Name = "flaw:limit-unguarded"
	FloorForgotten         Name = "flaw:floor-forgotten"
	FeedSkips              Name = "flaw:feed-skips"
	FeedTwice              Name = "flaw:feed-twice"
	CursorFirst            Name = "flaw:cursor-first"
	FailureForgotten       Name = "flaw:failure-forgotten"
	NoRetry                Name = "flaw:no-retry"
	EventToAnother         Name = "flaw:event-to-another"
	EventTellsNow          Name = "flaw:event-tells-now"
	ExpireSleeps           Name = "flaw:expire-sleeps"
	PruneEarly             Name = "flaw:prune-early"
	ReleaseByClock         Name = "flaw:release-by-clock"
	ReleaseOnRefusal       Name = "flaw:release-on-refusal"
	CaptureUnknown         Name = "flaw:capture-unknown"
	CaptureFinal           Name = "flaw:capture-final"
	RefundTwice            Name = "flaw:refund-twice"
	SurchargeKept          Name = "flaw:surcharge-kept"
	SurchargeTwice         Name = "flaw:surcharge-twice"
	ReturnedKept           Name = "flaw:returned-kept"
	SurchargeUncounted     Name = "flaw:surcharge-uncounted"
	FactTwice              Name = "flaw:fact-twice"
	OpeningForgotten       Name = "flaw:opening-forgotten"
	PayoutUnclaimed        Name = "flaw:payout-unclaimed"
	PositionUnclaimed      Name = "flaw:position-unclaimed"
	SettledUnclaimed       Name = "flaw:settled-unclaimed"
	ReleasedUnclaimed      Name = "flaw:released-unclaimed"
	PayoutUnguarded        Name = "flaw:payout-unguarded"
	InterchangeUnsettled   Name = "flaw:interchange-unsettled"
	RefusalIsYes           Name = "flaw:refusal-is-yes"
	ReturnIgnored          Name = "flaw:return-ignored"
	FileTwice              Name = "flaw:file-twice"
	OnePair                Name = "flaw:one-pair"
	CountUnversioned       Name = "flaw:count-unversioned"
	DayUnversioned         Name = "flaw:day-unversioned"
	UnsettledForgotten     Name = "flaw:unsettled-forgotten"
	FileUnfinished         Name = "flaw:file-unfinished"
)

// Table lists them all.
var Table = []Flaw{
	{ExecuteCanceled, "payment", "a canceled payment can still be executed"},
	{ExecuteExpired, "payment", "a payment is executed after its time"},
	{SecondExecute, "payment", "a dynamic request is paid by whoever executes, any number of times"},
	{LostRaceStays, "payment", "a success leaves the other payments of its request open"},
	{SupersededStays, "payment", "a payer who pays again keeps the older payment open, too"},
	{CancelSucceeded, "payment", "a PSP can cancel a payment that has succeeded"},
	{CancelKeepsPayments, "payment", "a request that the merchant cancels leaves its created payments open"},
	{ExpirySuccess, "payment", "a success is canceled once its time for the execute is over"},
	{ExpireEarly, "payment", "whoever looks for what is overdue ends what is not"},
	{RequestNeverExpires, "payment", "a request takes payments after its end"},
	{PaymentOutlives, "payment", "a payment waits longer than its request lives"},
	{WrongAmount, "payment", "a payment may have another amount than its request"},
	{TotalTwice, "payment", "a static request counts each payment twice"},
	{FactForgotten, "payment", "the end of a canceled payment is told nobody"},
	{RefundUnbounded, "payment", "more can be refunded than was paid"},
	{RefundPendingForgotten, "payment", "a refund does not see the others that are on their way"},
	{AckTwice, "payment", "a refund that is acknowledged twice is booked twice"},
	{AckReversed, "payment", "a refund's outcome can be changed by another word"},
	{FeeRoundedUp, "payment", "a tyiyn more of the fee is returned than was due"},
	{InterchangeKept, "payment", "a refund returns the whole fee and leaves the PSP its part"},
	{LegSwapped, "books", "an acknowledged refund moves its amount the wrong way"},
	{InterchangeMissing, "books", "a success has no entry for the interchange"},
	{FeeTwice, "books", "the merchant is charged the fee twice, and the PSP pays only once"},
	{PositionKept, "books", "what a canceled payment reserved of a limit stays reserved"},
	{PositionForgetsRefunds, "books", "a refund gives nothing back of a position"},
	{AnswerEarly, "engine", "callers are answered before the commit"},
	{UnknownIsSuccess, "engine", "a commit of unknown outcome is taken for done"},
	{OutboxApart, "engine", "facts are written in a second commit"},
	{DeltaTwice, "engine", "a balance changes twice by one transfer"},
	{EntryForgotten, "engine", "the last entry of a transfer is not written"},
	{SliceIgnored, "engine", "a guarded balance is spread over slices, each with the whole cap"},
	{ClaimsLostOnRetry, "engine", "a command that runs again takes no names"},
	{ClaimsKept, "engine", "a refused command keeps its names"},
	{TombstoneRolledBack, "engine", "a batch that takes names and writes nothing else is rolled back"},
	{GuardForgotten, "engine", "a floor is not looked at again once its balance is locked"},
	{GuardUnread, "engine", "floors of balances are not looked at"},
	{NodeClock, "engine", "decisions go by the node's clock instead of the database's"},
	{NoTombstone, "flow", "a cancel by an unknown psp_payment_id is answered and not written"},
	{TombstoneUnknown, "flow", "a repeated cancel of an unknown psp_payment_id is not found"},
	{NameReused, "flow", "a known psp_payment_id with another body gets the payment of the first"},
	{KeyReused, "flow", "a known idempotency key with another body gets the answer of the first"},
	{KeyForgotten, "flow", "idempotency keys are not kept"},
	{RefusalForgotten, "flow", "an idempotency key does not keep its refusal"},
	{OrderUnclaimed, "flow", "an order_id is not taken"},
	{RefundRefUnclaimed, "flow", "a refund_ref is not taken"},
	{ForeignPayment, "flow", "a PSP is told of another's payment"},
	{ForeignRequest, "flow", "a merchant is told of another's request"},
	{CapPassed, "flow", "a limit may be passed by its last payment"},
	{LimitUnguarded, "flow", "limits are counted and not kept"},
	{FloorForgotten, "flow", "refunds are not bounded by the merchant's balance"},
	{FeedSkips, "store", "a sequence number is left out"},
	{FeedTwice, "store", "a fact is numbered twice, as by two sequencers"},
	{CursorFirst, "notify", "the cursor of an endpoint is saved before the events are sent"},
	{FailureForgotten, "notify", "an event that could not be delivered is not noted"},
	{NoRetry, "notify", "a receiver that answers 5xx is given up"},
	{EventToAnother, "notify", "an endpoint gets the events of other merchants"},
	{EventTellsNow, "notify", "an event tells its object as it is now, not as it was"},
	{ExpireSleeps, "jobs", "nobody ends what is overdue and not looked at"},
	{PruneEarly, "jobs", "idempotency keys are forgotten at once"},
	{ReleaseByClock, "sandbox", "a bank gives up an execute without an answer and frees the money"},
	{ReleaseOnRefusal, "sandbox", "a bank takes any refusal of an execute for its end"},
	{CaptureUnknown, "sandbox", "a bank takes the money when an execute has no answer"},
	{CaptureFinal, "sandbox", "a bank takes the money whatever the end"},
	{RefundTwice, "sandbox", "a bank credits a refund each time it is offered"},
	{SurchargeKept, "payment", "a refund leaves the payer without what was paid on top"},
	{SurchargeTwice, "payment", "a refund gives back what an earlier one gave of the surcharge, too"},
	{ReturnedKept, "books", "a payout that comes back is owed to nobody"},
	{SurchargeUncounted, "settlement", "a PSP's day is counted without what payers paid on top"},
	{FactTwice, "flow", "the first fact of a count is in the day twice"},
	{OpeningForgotten, "flow", "what was not paid out is forgotten with its day"},
	{PayoutUnclaimed, "flow", "a payout takes no name"},
	{PositionUnclaimed, "flow", "a position that is closed takes no name"},
	{SettledUnclaimed, "flow", "a position that is settled takes no name"},
	{ReleasedUnclaimed, "flow", "limits that are freed from what is settled take no name"},
	{PayoutUnguarded, "flow", "a payout takes what refunds need that were asked for since"},
	{InterchangeUnsettled, "flow", "a position is closed without the interchange"},
	{RefusalIsYes, "flow", "a day that the central bank sends back is settled"},
	{ReturnIgnored, "flow", "a payout that a bank sends back stays paid"},
	{FileTwice, "flow", "each node plans the files of a day for itself"},
	{OnePair, "flow", "one person is enough where two are wanted"},
	{CountUnversioned, "store", "two nodes count the same facts into a day"},
	{DayUnversioned, "store", "two nodes close a day over each other"},
	{UnsettledForgotten, "store", "a new cap begins without what is not settled yet"},
	{FileUnfinished, "courier", "a file stands under its name before all of it does"},
}
