package sim

import "time"

// Profile says how much goes wrong. Rates are chances: of a message, of a step of
// the database, or, where a time is named, how long it is on average between two.
type Profile struct {
	Name string

	Shops, Hooks, Banks Weather // the links shop → platform, platform → webhook receiver, PSP → platform

	// Of the database.
	Passing    float64       // a step of a transaction is sent back to be tried again
	Unsent     float64       // a commit is lost on its way: reported unknown, not done
	Unheard    float64       // a commit is done and reported unknown
	Adrift     float64       // a commit is reported unknown and ends later, either way
	Unreadable float64       // a read fails
	Outage     time.Duration // between two outages of up to some seconds; 0: none
	DBJump     time.Duration // between two jumps of the database's clock; 0: none

	Crash     time.Duration // between two deaths of a node; 0: none
	CrashIn   float64       // a node dies at a step of the database, of those steps
	NodeJump  time.Duration // between two jumps of a node's clock; 0: none
	BankCrash time.Duration // between two deaths of a bank; 0: none
	Journal   float64       // a bank's journal fails, before or after it wrote
	Deaf      time.Duration // between two times that a webhook receiver is down; 0: none
}

// Weather is what happens to messages on a link.
type Weather struct {
	LoseCall, LoseReply float64
	Late                float64 // by up to a minute and a half, which is later than any caller waits
	Double              float64
	Corrupt             float64 // some bytes of the body are others
	Half                float64 // the connection breaks in the middle
	Leave               float64 // a caller whose time is over tells the server so, of those
}

// Calm is a world in which nothing goes wrong.
func Calm() Profile { return Profile{Name: "calm"} }

// Rough is the usual profile: a little of everything.
func Rough() Profile {
	link := Weather{LoseCall: .01, LoseReply: .015, Late: .005, Double: .02, Corrupt: .005, Half: .005, Leave: .7}
	return Profile{
		Name: "rough", Shops: link, Banks: link, Hooks: link,
		Passing: .003, Unsent: .002, Unheard: .004, Adrift: .004, Unreadable: .001,
		Outage: 20 * time.Second, DBJump: time.Minute,
		Crash: 8 * time.Second, CrashIn: .0002, NodeJump: 30 * time.Second,
		BankCrash: 30 * time.Second, Journal: .0005, Deaf: 15 * time.Second,
	}
}
