// Package sandbox is a simulated payment solution, "Demo Bank": payers with balances whose app scans a code, shows
// what is paid, holds the money, and pays. It reaches the platform only through the public PSP API, as a real bank
// would, so it proves that the API suffices.
//
// The bank keeps books of its own in a [Journal]: every change is written down before it counts, and a bank that was
// killed reads the journal again and goes on. For each payer
//
//	available + held + captured − refunded = initial
//
// A purchase goes offered → held → created → executing → success, canceled or error. The money is held before the
// platform hears of the payment. Until the bank has written that it will execute, it may withdraw; after that only a
// final status of the platform ends the hold, however long that takes.
//
// All work is in steps without goroutines ([Bank.Step]); [Bank.Run] repeats them for a process, a simulation calls
// them itself.
package sandbox
