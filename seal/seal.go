// Package seal makes and checks what proves where something comes from: API keys, signatures of webhooks, and the
// cursors of lists. It computes only; randomness and the time are handed in, so that every result can be repeated.
package seal
