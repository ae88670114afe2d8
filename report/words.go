package report

// words are the texts of reports in Kyrgyz, Russian and English, by what they are for.
var words = map[string][3]string{
	"statement":          {"Эсеп көчүрмөсү", "Выписка", "Statement"},
	"settlement":         {"Которулган акчалардын отчёту", "Отчёт о зачислениях", "Settlement statement"},
	"fees":               {"Комиссиялар", "Комиссии", "Fees"},
	"refunds":            {"Кайтаруулар", "Возвраты", "Refunds"},
	"tax":                {"Салык үчүн жыйынтык", "Итоги для налоговой", "Summary for the tax office"},
	"psp_reconciliation": {"Төлөмдөрдү салыштыруу", "Сверка платежей", "Reconciliation of payments"},
	"overview":           {"Жалпы жыйынтык", "Общий обзор", "Overview"},

	"merchant": {"Сатуучу", "Продавец", "Merchant"}, "psp": {"Төлөм кызматы", "Платёжный сервис", "Payment solution"},
	"tax_id": {"ИСН", "ИНН", "Tax number"}, "bank_account": {"Банктык эсеп", "Банковский счёт", "Bank account"},
	"from": {"Башталышы", "Начало", "From"}, "to": {"Аягы", "Конец", "To"},
	"as_of": {"Фактылардын № (ушуга чейин)", "По факт № (включительно)", "Up to fact No."}, "store": {"Дүкөн", "Магазин", "Store"}, "till": {"Касса", "Касса", "Till"},
	"cashier": {"Кассир", "Кассир", "Cashier"}, "currency": {"Валюта", "Валюта", "Currency"}, "page": {"Бет", "Стр.", "Page"},

	"time": {"Убактысы", "Время", "Time"}, "type": {"Эмне болду", "Операция", "Type"}, "day": {"Күн", "День", "Day"},
	"payment_id": {"Төлөм", "Платёж", "Payment"}, "refund_id": {"Кайтаруу", "Возврат", "Refund"},
	"payment_request_id": {"Суроо-талап", "Запрос", "Payment request"}, "order_id": {"Буйрутма", "Заказ", "Order"},
	"store_id": {"Дүкөндүн белгиси", "Код магазина", "Store id"}, "till_id": {"Кассанын белгиси", "Код кассы", "Till id"}, "merchant_id": {"Сатуучунун белгиси", "Код продавца", "Merchant id"},
	"psp_payment_id": {"Сиздеги төлөм", "Платёж у вас", "Your payment"}, "psp_refund_id": {"Сиздеги кайтаруу", "Возврат у вас", "Your refund"},
	"refund_ref": {"Кайтаруунун аты", "Ваш № возврата", "Your refund"}, "reason": {"Себеби", "Причина", "Reason"},
	"amount": {"Сумма", "Сумма", "Amount"}, "fee": {"Комиссия", "Комиссия", "Fee"}, "change": {"Өзгөрүү", "Изменение", "Change"}, "balance": {"Калдык", "Остаток", "Balance"},
	"surcharge": {"Төлөөчүнүн комиссиясы", "Комиссия плательщика", "Payer's fee"}, "interchange": {"Сиздин сыйакы", "Вознаграждение сервиса", "Interchange"},
	"centre": {"Борбордун кирешеси", "Доход центра", "Centre's income"}, "count": {"Төлөмдөр", "Платежей", "Payments"}, "refund_count": {"Кайтаруулар", "Возвратов", "Refunds"},
	"paid": {"Төлөндү", "Оплачено", "Paid"}, "refunded": {"Кайтарылды", "Возвращено", "Refunded"}, "net": {"Таза", "Итого", "Net"},
	"given": {"Төлөөчүгө берилди", "Выдано плательщикам", "Given to payers"}, "rejected": {"Кайтаруу четке кагылды", "Отклонено возвратов", "Rejected"},
	"payment_fees": {"Төлөмдөрдөн алынды", "С платежей", "Taken of payments"}, "refund_fees": {"Кайтаруулар үчүн", "За возвраты", "For refunds"},
	"fees_returned": {"Кайра берилди", "Возвращено комиссий", "Given back"}, "fees_net": {"Бардыгы комиссия", "Всего комиссий", "Fees in all"},
	"who": {"Ким", "Кто", "Who"}, "section": {"Бөлүм", "Раздел", "Section"}, "id": {"Белгиси", "Код", "Id"},
	"deposit_id": {"Которуу", "Зачисление", "Deposit"}, "business_day": {"Операциялык күн", "Операционный день", "Business day"},

	"opening": {"Башындагы калдык", "Входящий остаток", "Opening balance"}, "closing": {"Аягындагы калдык", "Исходящий остаток", "Closing balance"},
	"total": {"Жыйынтык", "Итого", "Total"}, "month": {"Ай ичинде", "За месяц", "Month"}, "turnover": {"Таза түшкөн акча", "Выручка за вычетом возвратов", "Takings less refunds"},
	"deposit": {"Эсепке которулду", "Зачислено на счёт", "Deposited"}, "opening_carried": {"Мурунку күндөрдөн", "С прошлых дней", "Carried over"},
	"held": {"Кайтарууларга калтырылды", "Удержано под возвраты", "Held for refunds"}, "deposits": {"Которуулардын саны", "Зачислений", "Deposits"},
	"payout.made": {"Банкка жөнөтүлдү", "Отправлено в банк", "Paid out"}, "payout.returned": {"Банк кайтарды", "Возвращено банком", "Returned by the bank"},
	"line_payment": {"Төлөм", "Платёж", "Payment"}, "line_refund": {"Кайтаруу суралды", "Запрошен возврат", "Refund requested"},
	"line_refund_given": {"Кайтаруу берилди", "Возврат выдан", "Refund given"}, "line_refund_rejected": {"Кайтаруу четке кагылды", "Возврат отклонён", "Refund rejected"},
	"line_reconciliation.corrected": {"Эсепти оңдоо", "Исправление учёта", "Correction of the books"}, "corrected": {"Салыштыруу боюнча оңдоолор", "Исправления по сверке", "Corrected by reconciliation"},
	"line_payout.made": {"Банкка жөнөтүлдү", "Отправлено в банк", "Paid out"}, "line_payout.returned": {"Банк кайтарды", "Возвращено банком", "Returned by the bank"},
	"section_psp": {"Төлөм кызматтары", "Платёжные сервисы", "Payment solutions"}, "section_merchant": {"Сатуучулар", "Продавцы", "Merchants"},
	"section_total": {"Жыйынтык", "Итого", "Total"},
}

// som is the currency in the titles of sums.
var som = [3]string{"сом", "сом", "KGS"}

// Say gives a text of reports in a language, English when the language is another; the key itself when there is no text.
func Say(language, key string) string {
	texts, known := words[key]
	if !known {
		return key
	}
	return texts[tongue(language)]
}

func tongue(language string) int {
	switch language {
	case "ky":
		return 0
	case "ru":
		return 1
	}
	return 2
}
