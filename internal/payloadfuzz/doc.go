// Package payloadfuzz holds the reader of payloads and links against a second opinion that shares nothing with it, and
// makes inputs for it by the thousand: Target is one execution, for Go's fuzzing engine, which is led by coverage, and
// for the loop of Maker, which is not, but knows what a payload is made of and is a thousand times as fast.
package payloadfuzz
