package pace

import "time"

// How long a group is worth waiting for. A transaction costs about as much as
// twenty of the messages in it, whichever they are.
const (
	restEach = 400 * time.Microsecond // for each item of the last group
	restMost = 20 * time.Millisecond
	enough   = 96 // items of which a group loses nothing by being no larger
)

// Rest is how long a worker that handles in groups whatever waits lets the next
// group gather, after one of so many items: nothing after a single one, so that
// who comes alone is served at once, and longer the more come at a time, since
// then each group costs all of them less. A group that was large enough needs no
// rest: the next one has gathered meanwhile.
func Rest(handled int) time.Duration {
	if handled <= 1 || handled >= enough {
		return 0
	}
	return min(time.Duration(handled-1)*restEach, restMost)
}
