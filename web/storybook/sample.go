package storybook

import (
	"time"

	"tolom/qrimage"
	"tolom/web/locale"
	"tolom/web/view"
)

// now is the moment that all samples are seen at: noon in Bishkek.
var now = time.Date(2026, 11, 24, 12, 0, 0, 0, locale.Bishkek)

const (
	payload = "00020101021232600009elcart.kg0106tolom111260db4bqzs6qm5yvqm3w6dm5r8c12021213021252045814530341754051250059" +
		"09DEMO KAFE6304c0de"
	link = "https://pay.payqr.kg/#" + payload
)

// words are the sample texts that a merchant wrote, in the reader's language:
// a sample in another language than the page would look like a mistake.
type words struct{ merchant, store, about, order, reason string }

func wordsIn(t locale.Text) words {
	switch t.Lang {
	case locale.Kyrgyz:
		return words{"Демо кофейня «Ала-Тоо»", "Чүй проспекти, 1-дүкөн", "Капучино, 2 даана жана самса", "Буйрутма", "Буйрутма даяр эмес"}
	case locale.Russian:
		return words{"Демо-кофейня «Ала-Тоо»", "Магазин № 1, проспект Чуй", "Капучино, 2 шт., и самса", "Заказ", "Заказ не готов"}
	}
	return words{"Demo Café Ala-Too", "Store 1, Chüy Avenue", "Two cappuccinos and a samsa", "Order", "The order is not ready"}
}

// picture is the QR code of the sample link.
var picture = func() string {
	svg, err := qrimage.SVG(link, qrimage.Options{})
	if err != nil {
		panic("storybook: the sample link cannot be drawn: " + err.Error())
	}
	return string(svg)
}()

func frame(t locale.Text, title, path string, scripts ...string) view.Frame {
	return view.Frame{Text: t, Title: title, Path: path, Scripts: scripts}
}

func tillFrame(t locale.Text, here view.Place, title string) view.Frame {
	f := frame(t, title, string(here), "live.js", "pos.js")
	f.Till = &view.Till{Merchant: wordsIn(t).merchant, Name: t.Say("field_till") + " 1", Here: here}
	return f
}
