package sim

import "time"

// Profile says how much goes wrong. Rates are chances: of a message, of a step of
// the database. Whole numbers are how many payments lie between two on average; 0
// means that it never happens.
type Profile struct {
	Name string

	Shops, Hooks, Banks Weather // the links shop → platform, platform → webhook receiver, PSP → platform
	Offices             Weather // the link of the centre's staff → platform

	// Of the database.
	Passing    float64 // a step of a transaction is sent back to be tried again
	Unsent     float64 // a commit is lost on its way: reported unknown, not done
	Unheard    float64 // a commit is done and reported unknown
	Adrift     float64 // a commit is reported unknown and ends later, either way
	Unreadable float64 // a read fails
	Outage     int     // the database goes away, for up to some seconds
	DBJump     int     // the database's clock jumps

	Crash     int     // a node dies
	CrashIn   float64 // a node dies at a step of the database, of those steps
	NodeJump  int     // a node's clock jumps
	BankCrash int     // a bank dies
	Slow      float64 // a bank takes its time, up to many seconds
	Journal   float64 // a bank's journal fails, before or after it wrote
	Deaf      int     // a webhook receiver goes away, for up to some seconds

	Folder  float64 // a call of the folders of files fails
	Errands int     // the staff of the centre does something: ends a day, changes a cap, puts a tariff

	// Odd is how much of what is usual in a bad world the people and the banks do that one would like otherwise: answers to
	// files that come late, twice, damaged or as a refusal, and proposals that are rejected.
	Odd float64
	// Afternoon is how long things go on going wrong after the last sale, while a day is settled.
	Afternoon time.Duration
	// Nights is in how many worlds business days end at night, with sales before and after.
	Nights float64
	// Steady is in how many worlds all clocks of the platform are right, so that tariffs may begin at short notice.
	Steady float64
	// Compares is in how many worlds banks compare their books with the platform's, and Misreads in how many of those one of them counts a payment wrong.
	Compares, Misreads float64

	// Signs is in how many worlds the last bank signs its requests and holds every
	// answer to the platform's signature, which costs more than the rest of a payment.
	Signs float64
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
func Calm() Profile { return Profile{Name: "calm", Errands: 50} }

// Rough is the usual profile: a little of everything.
func Rough() Profile {
	link := Weather{LoseCall: .01, LoseReply: .015, Late: .005, Double: .02, Corrupt: .005, Half: .005, Leave: .7}
	return Profile{
		Name: "rough", Shops: link, Banks: link, Hooks: link, Offices: link,
		Passing: .003, Unsent: .002, Unheard: .004, Adrift: .004, Unreadable: .001,
		Outage: 400, DBJump: 700,
		Crash: 200, CrashIn: .0001, NodeJump: 300,
		BankCrash: 400, Journal: .0002, Slow: .003, Deaf: 250,
		Folder: .002, Errands: 60, Odd: 1, Afternoon: 90 * time.Second,
		Nights: .15, Steady: .35, Compares: .15, Misreads: .5,
		Signs: .05,
	}
}
