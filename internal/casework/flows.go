package casework

import "time"

// FlowLine is a flow as the desk lists it.
type FlowLine struct {
	Flow    string
	Title   string
	Version int    // in force; 0 if it starts no more
	People  int    // in the middle of it, in any version
	Ending  int    // of them, in older versions
	Started int    // dialogues in the days counted
	Handed  int    // of their turns, those that ended with a person
	Worst   string // step from which most people were handed over or were not understood; "" if none
	WorstN  int    // how often that happened
	WorstOf int    // of how many visits
}

// FlowChange is a publication as the desk shows it.
type FlowChange struct {
	Author string
	Note   string
	At     time.Time
	Flows  int
}

// FlowVersion is one version of a flow.
type FlowVersion struct {
	Version int
	State   string // current, ending, waiting or old
	Author  string
	By      string // who approved it; "" if nobody had to
	Note    string
	At      string // RFC 3339
	People  int
}

// FlowStep is how a step fares.
type FlowStep struct {
	Step      string
	Entered   int
	Replies   int
	FirstTime int // percent of people whose first reply was understood
	Left      int
	Handed    int
	Waiting   int // people in it now
}

// FlowDiff is what publishing the files would change in one flow.
type FlowDiff struct {
	Flow     string
	From, To int
	Added    []string
	Removed  []string
	Changed  []string
	Messages []FlowText
	Terms    []string
	Stranded int // people who wait in steps that would be gone
}

// FlowText is a text that would change.
type FlowText struct{ Key, Before, After string }

// FlowPage is one flow, whole.
type FlowPage struct {
	FlowLine
	Versions []FlowVersion
	Steps    []FlowStep
}

// FlowsPage is all flows, and what waits to come into force.
type FlowsPage struct {
	Flows   []FlowLine
	Waiting *FlowChange // a publication that somebody else must approve
	Diffs   []FlowDiff  // between the files on this machine and what is in force
	Broken  string      // why the files cannot be published, "" if they can
	Days    int         // that are counted
}
