package loan

// Early is where money goes that is more than what has fallen due.
type Early string

// The strategies of early payment.
const (
	EarlyNext    Early = "next"     // the oldest instalment to come, and on from there
	EarlyLast    Early = "last"     // the last instalment, and back from there
	EarlyProRata Early = "pro_rata" // all instalments to come, by what they owe
	EarlyWhole   Early = "whole"    // whole instalments from the oldest on; what is left waits as saldo a favor and pays what falls due
)
