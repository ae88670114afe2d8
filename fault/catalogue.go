package fault

import (
	"maps"
	"slices"
)

// Code names a refusal for programs. Codes are never renamed or reused.
type Code string

// Entry is a line of the catalogue.
type Entry struct {
	Kind       Kind
	National   int // 452–524, the refusal codes of the interaction protocol
	Retryable  bool
	Ky, Ru, En string
}

// The codes. Grouped as the catalogue is.
const (
	InvalidRequest Code = "invalid_request"
	InvalidJSON    Code = "invalid_json"
	UnknownField   Code = "unknown_field"
	DuplicateKey   Code = "duplicate_key"
	BodyTooLarge   Code = "body_too_large"
	Unauthorized   Code = "unauthorized"
	Forbidden      Code = "forbidden"
	NotFound       Code = "not_found"
	RateLimited    Code = "rate_limited"
	InternalError  Code = "internal_error"
	OutOfService   Code = "unavailable"
	OutcomeUnknown Code = "outcome_unknown"
	WrongMethod    Code = "method_not_allowed"
	WrongMedia     Code = "media_type_unsupported"
	NoSuchRange    Code = "range_unsatisfiable"
	WrongDigest    Code = "digest_mismatch"

	SignatureRequired  Code = "signature_required"
	SignatureInvalid   Code = "signature_invalid"
	SignatureReplayed  Code = "signature_replayed"
	CertificateRefused Code = "certificate_refused"

	IdempotencyMissing Code = "idempotency_key_missing"
	IdempotencyInvalid Code = "idempotency_key_invalid"
	IdempotencyReused  Code = "idempotency_key_reused"
	IdempotencyRunning Code = "idempotency_key_in_use"

	AmountInvalid   Code = "amount_invalid"
	AmountRequired  Code = "amount_required"
	AmountTooSmall  Code = "amount_too_small"
	AmountTooLarge  Code = "amount_too_large"
	AmountMismatch  Code = "amount_mismatch"
	CurrencyUnknown Code = "currency_unsupported"
	FeeChanged      Code = "fee_changed"

	PayloadInvalid  Code = "payload_invalid"
	PayloadAltered  Code = "payload_altered"
	ForeignProvider Code = "foreign_provider"

	RequestExpired  Code = "request_expired"
	RequestCanceled Code = "request_canceled"
	RequestPaused   Code = "request_paused"
	AlreadyPaid     Code = "already_paid"
	RequestBusy     Code = "request_busy"
	RequestNotFixed Code = "request_not_pausable"
	OrderTaken      Code = "order_id_taken"

	MerchantSuspended Code = "merchant_suspended"

	LimitMerchantDaily       Code = "limit_merchant_daily"
	LimitPSPDaily            Code = "limit_psp_daily"
	LimitParticipantDaily    Code = "limit_participant_daily"
	LimitPSPPosition         Code = "limit_psp_position"
	LimitParticipantPosition Code = "limit_participant_position"

	PSPPaymentReused   Code = "psp_payment_id_reused"
	PSPPaymentCanceled Code = "psp_payment_id_canceled"
	PaymentExpired     Code = "payment_expired"
	PaymentCanceled    Code = "payment_canceled"
	PaymentFailed      Code = "payment_failed"
	PaymentSucceeded   Code = "payment_already_succeeded"

	NotRefundable      Code = "payment_not_refundable"
	RefundTooLarge     Code = "refund_exceeds_payment"
	RefundRefReused    Code = "refund_ref_reused"
	RefundFinal        Code = "refund_already_final"
	CaseNotOpen        Code = "case_not_open"
	InsufficientFunds  Code = "insufficient_balance"
	EventNotFound      Code = "event_not_found"
	DeliveryNotAllowed Code = "url_not_allowed"

	DayNotClosed Code = "day_not_closed"
	DaySubmitted Code = "day_submitted"
	DaySettled   Code = "day_settled"
	DayMessage   Code = "day_message"
	PayoutFinal  Code = "payout_already_final"
	PayoutUnsent Code = "payout_not_sent"

	ProposalOwn     Code = "proposal_own"
	ProposalEnded   Code = "proposal_ended"
	ProposalStale   Code = "proposal_stale"
	ProposalChanged Code = "proposal_changed"
)

var catalogue = map[Code]Entry{
	InvalidRequest: {Invalid, 454, false, "Сурамдын маалыматы туура эмес", "Данные запроса неверны", "The request data is wrong"},
	InvalidJSON:    {Invalid, 454, false, "Сурам туура JSON эмес", "Тело запроса не является верным JSON", "The body is not valid JSON"},
	UnknownField:   {Invalid, 454, false, "Сурамда белгисиз талаа бар", "В запросе неизвестное поле", "The request has an unknown field"},
	DuplicateKey:   {Invalid, 454, false, "Сурамда талаа кайталанган", "Поле запроса повторяется", "A field of the request is repeated"},
	BodyTooLarge:   {TooLarge, 454, false, "Сурам өтө чоң", "Тело запроса слишком велико", "The body is too large"},
	Unauthorized:   {Unauthenticated, 453, false, "Ачкыч жок же туура эмес", "Ключ отсутствует или неверен", "The key is missing or wrong"},
	Forbidden:      {Denied, 453, false, "Бул аракетке уруксат жок", "Действие не разрешено", "This is not allowed"},
	NotFound:       {Missing, 452, false, "Табылган жок", "Не найдено", "Not found"},
	RateLimited:    {TooMany, 524, true, "Сурамдар өтө көп, бир аздан кийин кайталаңыз", "Слишком много запросов, повторите позже", "Too many requests, try again later"},
	InternalError:  {Internal, 524, true, "Биздеги ката, кайталап көрүңүз", "Внутренняя ошибка, попробуйте ещё раз", "An error on our side, please try again"},
	OutOfService:   {Unavailable, 524, true, "Кызмат убактылуу жеткиликсиз", "Сервис временно недоступен", "The service is not available now"},
	OutcomeUnknown: {Unavailable, 524, true, "Жыйынтык азырынча белгисиз, абалды сураңыз", "Итог пока неизвестен, запросите состояние", "The outcome is not known yet, ask for the state"},

	WrongMethod: {Invalid, 454, false, "Бул даректе мындай ыкма жок", "Этот метод здесь не поддерживается", "The address does not take this method"},
	NoSuchRange: {Invalid, 454, false, "Файлда мындай бөлүк жок", "В файле нет такой части", "The file has no such part"},
	WrongMedia:  {Invalid, 454, false, "Сурамдын түрү application/json болушу керек", "Тип запроса должен быть application/json", "The body must be application/json"},
	WrongDigest: {Invalid, 454, false, "Content-Digest сурамга дал келбейт", "Content-Digest не соответствует телу запроса", "Content-Digest does not fit the body"},

	SignatureRequired:  {Unauthenticated, 453, false, "Сурамга кол коюлушу керек", "Запрос должен быть подписан", "The request must be signed"},
	SignatureInvalid:   {Unauthenticated, 453, false, "Сурамдын кол тамгасы туура эмес", "Подпись запроса неверна", "The signature of the request is wrong"},
	SignatureReplayed:  {Unauthenticated, 453, false, "Бул кол коюлган сурам мурда келген", "Этот подписанный запрос уже приходил", "This signed request has come before"},
	CertificateRefused: {Unauthenticated, 453, false, "Кардардын сертификаты жараксыз", "Клиентский сертификат не принят", "The client certificate is not accepted"},

	IdempotencyMissing: {Invalid, 454, false, "Idempotency-Key аталышы керек", "Нужен заголовок Idempotency-Key", "The Idempotency-Key header is needed"},
	IdempotencyInvalid: {Invalid, 454, false, "Idempotency-Key туура эмес", "Заголовок Idempotency-Key неверен", "The Idempotency-Key header is wrong"},
	IdempotencyReused:  {Mismatch, 454, false, "Бул Idempotency-Key башка сурамга колдонулган", "Этот Idempotency-Key уже использован с другим запросом", "This Idempotency-Key was used with another request"},
	IdempotencyRunning: {Conflict, 524, true, "Ушул ачкыч менен сурам аткарылып жатат", "Запрос с этим ключом ещё выполняется", "A request with this key is still running"},

	AmountInvalid:   {Invalid, 454, false, "Сумма туура эмес", "Сумма указана неверно", "The amount is wrong"},
	AmountRequired:  {Invalid, 454, false, "Сумманы көрсөтүңүз", "Укажите сумму", "An amount is needed"},
	AmountTooSmall:  {Invalid, 455, false, "Сумма минималдуудан аз", "Сумма меньше минимальной", "The amount is below the minimum"},
	AmountTooLarge:  {Invalid, 456, false, "Сумма максималдуудан көп", "Сумма больше максимальной", "The amount is above the maximum"},
	AmountMismatch:  {Invalid, 454, false, "Сумманы өзгөртүүгө болбойт", "Сумму нельзя изменить", "The amount may not be changed"},
	CurrencyUnknown: {Invalid, 454, false, "Валюта колдоого алынбайт", "Валюта не поддерживается", "The currency is not supported"},

	FeeChanged: {Conflict, 454, false, "Комиссия өзгөрдү, төлөөчүдөн кайра сураңыз", "Комиссия изменилась, спросите плательщика ещё раз", "The fee has changed, ask the payer again"},

	PayloadInvalid:  {Invalid, 454, false, "QR-код бузулган же туура эмес", "QR-код повреждён или неверен", "The QR code is damaged or wrong"},
	PayloadAltered:  {Invalid, 454, false, "QR-код өзгөртүлгөн, төлөбөңүз", "QR-код изменён, не платите по нему", "The QR code was altered, do not pay it"},
	ForeignProvider: {Invalid, 523, false, "Бул QR-код башка провайдердики", "Это QR-код другого провайдера", "This QR code is of another provider"},

	RequestExpired:  {Conflict, 454, false, "Төлөм сурамынын мөөнөтү бүттү", "Срок запроса на оплату истёк", "The payment request has expired"},
	RequestCanceled: {Conflict, 454, false, "Төлөм сурамы жокко чыгарылды", "Запрос на оплату отменён", "The payment request was canceled"},
	RequestPaused:   {Conflict, 523, true, "Төлөм кабыл алуу убактылуу токтотулган", "Приём платежей приостановлен", "The payment request is paused"},
	AlreadyPaid:     {Conflict, 454, false, "Бул мурда төлөнгөн", "Это уже оплачено", "This has been paid already"},
	RequestBusy:     {Conflict, 523, true, "Ушул учурда төлөп жаткандар өтө көп", "Слишком много одновременных оплат", "Too many payers are paying this now"},
	RequestNotFixed: {Conflict, 454, false, "Бул сурамды токтотууга болбойт", "Этот запрос нельзя приостановить", "This payment request cannot be paused or resumed"},
	OrderTaken:      {Conflict, 454, false, "Бул order_id мурда колдонулган", "Этот order_id уже использован", "This order_id has been used already"},

	MerchantSuspended: {Conflict, 523, false, "Сатуучу убактылуу төлөм кабыл албайт", "Продавец временно не принимает платежи", "The merchant does not accept payments now"},

	LimitMerchantDaily:       {Conflict, 456, false, "Сатуучунун күндүк чеги жетишсиз", "Превышен дневной лимит продавца", "The merchant's daily limit does not allow it"},
	LimitPSPDaily:            {Conflict, 456, false, "Төлөм кызматынын күндүк чеги жетишсиз", "Превышен дневной лимит платёжного сервиса", "The payment service's daily limit does not allow it"},
	LimitParticipantDaily:    {Conflict, 456, false, "Банктын күндүк чеги жетишсиз", "Превышен дневной лимит банка", "The bank's daily limit does not allow it"},
	LimitPSPPosition:         {Conflict, 456, true, "Төлөм кызматынын позициясы чегине жетти", "Превышен лимит позиции платёжного сервиса", "The payment service's net debit cap does not allow it now"},
	LimitParticipantPosition: {Conflict, 456, true, "Банктын позициясы чегине жетти", "Превышен лимит позиции банка", "The bank's net debit cap does not allow it now"},

	PSPPaymentReused:   {Mismatch, 454, false, "Бул psp_payment_id башка төлөмгө колдонулган", "Этот psp_payment_id уже использован для другого платежа", "This psp_payment_id was used for another payment"},
	PSPPaymentCanceled: {Conflict, 454, false, "Бул psp_payment_id жокко чыгарылган", "Этот psp_payment_id отменён", "This psp_payment_id was canceled"},
	PaymentExpired:     {Conflict, 454, false, "Төлөмдүн убактысы бүттү", "Время платежа истекло", "The payment has expired"},
	PaymentCanceled:    {Conflict, 454, false, "Төлөм жокко чыгарылган", "Платёж отменён", "The payment was canceled"},
	PaymentFailed:      {Conflict, 523, false, "Төлөмдөн баш тартылды", "Платёж отклонён", "The payment was refused"},
	PaymentSucceeded:   {Conflict, 454, false, "Төлөм мурда ишке ашкан", "Платёж уже выполнен", "The payment has succeeded already"},

	NotRefundable:      {Conflict, 454, false, "Бул төлөмдү кайтарууга болбойт", "Этот платёж нельзя вернуть", "This payment cannot be refunded"},
	RefundTooLarge:     {Conflict, 456, false, "Кайтаруу төлөмдөн ашып кетет", "Возврат больше остатка платежа", "The refund exceeds what is left of the payment"},
	RefundRefReused:    {Mismatch, 454, false, "Бул refund_ref башка кайтарууга колдонулган", "Этот refund_ref уже использован для другого возврата", "This refund_ref was used for another refund"},
	RefundFinal:        {Conflict, 454, false, "Кайтаруу мурда аяктаган", "Возврат уже завершён", "The refund is final already"},
	CaseNotOpen:        {Conflict, 454, false, "Айырма боюнча иш бул кадамга ачык эмес", "Дело о расхождении не открыто для этого шага", "The case is not open for this step"},
	InsufficientFunds:  {Conflict, 454, true, "Сатуучунун эсебинде каражат жетишсиз", "На счёте продавца недостаточно средств", "The merchant's balance is not enough"},
	EventNotFound:      {Missing, 452, false, "Окуя табылган жок", "Событие не найдено", "There is no such event"},
	DeliveryNotAllowed: {Invalid, 454, false, "Бул дарекке жөнөтүүгө болбойт", "На этот адрес отправлять нельзя", "This address may not be called"},

	DayNotClosed: {Conflict, 454, true, "Бул күн азырынча жабыла элек", "Этот день ещё не закрыт", "This day is not closed yet"},
	DaySubmitted: {Conflict, 454, false, "Бул күн боюнча файл жөнөтүлгөн, жооп күтүлүүдө", "Файл за этот день уже отправлен и ждёт ответа", "A file of this day was submitted and waits for its answer"},
	DaySettled:   {Conflict, 454, false, "Бул күн боюнча эсептешүү бүткөн", "Расчёты за этот день завершены", "This day is settled"},
	DayMessage:   {Mismatch, 454, false, "Билдирүү бул күндүн акыркы файлына тиешелүү эмес", "Сообщение не относится к последнему файлу этого дня", "The message does not belong to the last file of this day"},
	PayoutFinal:  {Conflict, 454, false, "Бул төлөө мурда кайтарылган", "Эта выплата уже возвращена", "This payout was returned already"},
	PayoutUnsent: {Conflict, 454, false, "Бул төлөөнүн файлы банкка азырынча жеткирилген эмес: адегенде файлды жеткириңиз", "Файл с этой выплатой ещё не доставлен банку: сначала доставьте файл", "The file of this payout is not delivered to its bank: deliver the file first"},

	ProposalOwn:     {Denied, 453, false, "Муну экинчи адам чечиши керек", "Это должен решить второй человек", "A second person must decide this"},
	ProposalEnded:   {Conflict, 454, false, "Сунуш боюнча чечим кабыл алынган", "По предложению уже принято решение", "The proposal was decided already"},
	ProposalStale:   {Conflict, 454, false, "Сунуштан кийин маалымат өзгөргөн, кайра сунуштаңыз", "Данные изменились после предложения, предложите заново", "What it is about has changed since, propose it anew"},
	ProposalChanged: {Conflict, 454, false, "Сунуш сиз окугандан башка", "Предложение не то, что вы прочли", "The proposal is not what you have read"},
}

// Codes lists every code of the catalogue, sorted; for documents and tests.
func Codes() []Code { return slices.Sorted(maps.Keys(catalogue)) }

// Lookup gives the entry of a code.
func Lookup(c Code) (Entry, bool) {
	e, ok := catalogue[c]
	return e, ok
}
