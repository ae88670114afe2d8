// Package qrimage draws payment payloads as QR codes and reads QR codes back from pictures.
//
// A payload goes in as text and comes out as a PNG for web pages, an SVG for pages and print, half-block
// text for a terminal, or an A6 PDF sticker for a till. Read goes the other way: it takes an uploaded
// screenshot or photo and gives back the text of the code in it.
//
// The package is pure: the same input gives the same bytes, on every machine and at every time. It writes
// QR codes of model 2, versions 1 to 40, and refuses what they cannot hold.
package qrimage
