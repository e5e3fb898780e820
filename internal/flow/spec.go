package flow

import (
	"time"

	"go.yaml.in/yaml/v4"

	"valebot/internal/message"
	"valebot/internal/source"
)

// ref is a word of a flow file with its place.
type ref struct {
	name string
	node *yaml.Node
	test *testSpec // a message with a second wording under test; nil if it has one
}

// testSpec is the other wording of a message: the ref itself is arm a.
type testSpec struct {
	name ref
	b    ref
}

func (r ref) set() bool { return r.node != nil }

// flowSpec is a flow file as written, before anything in it is looked up.
type flowSpec struct {
	file     source.File
	node     *yaml.Node
	name     ref
	version  int
	title    string
	about    ref
	success  []ref // outcomes that count as success
	returns  ref   // slot whose value a flow that calls this one gets
	starts   []startSpec
	start    ref
	slots    []slotSpec
	limits   Limits
	switched []switchSpec // interrupts on or off
	migrate  []pairSpec   // removed step → step
	guards   []guardSpec
	steps    []*stepSpec
	broken   bool // something in the file could not be read
}

type startSpec struct {
	event, intent, audience ref
	idle                    bool
}

type slotSpec struct {
	name   ref
	kind   ref
	secret bool
}

type switchSpec struct {
	name ref
	on   bool
}

// guardSpec says when an arm of a test of wordings is stopped.
type guardSpec struct {
	test  ref
	stop  []ref // names of interrupts
	above int
	after int
}

type pairSpec struct{ key, value ref }

// stepSpec is a step as written.
type stepSpec struct {
	name      ref
	node      *yaml.Node
	note      string
	say       []ref
	ask       ref
	again     ref
	expect    []ref
	options   []optionSpec
	save      ref
	reject    []caseSpec
	unclear   []caseSpec
	after     []afterSpec
	do        ref
	call      ref
	with      []pairSpec
	decide    []caseSpec
	wait      []ref
	meanwhile []pairSpec
	until     ref
	next      []pairSpec
	nextAll   ref
	handoff   ref
	reason    ref
	priority  ref
	end       ref
}

// caseSpec is a line of reject, unclear or decide.
type caseSpec struct {
	node     *yaml.Node
	cond     ref
	say      ref
	to       ref
	fallback bool // else
}

type afterSpec struct {
	key  ref
	wait time.Duration
	say  ref
	to   ref
}

type optionSpec struct {
	id    ref
	words []string
}

// interruptSpec is one of the things that a person may write at any moment.
type interruptSpec struct {
	name   ref
	words  []string
	intent ref
	do     ref
	say    ref
	cases  []caseSpec // say, where it depends on the facts
	then   ref
	queue  ref
	reason string
	locked bool
}

// commonSpec is the file that holds for all flows.
type commonSpec struct {
	file       source.File
	busy       ref // said to who writes while an action is under way
	aside      ref // said to who writes while nothing was asked
	handoff    ref // said when the bot hands over on its own account
	photo      ref // said to who sends a photo or a file that nobody asked for
	voice      ref // said to who sends a voice note
	location   ref // said to who sends where she is
	interrupts []interruptSpec
}

// wordless is what is said about each kind of message that has no words.
func (s *commonSpec) wordless() map[message.Kind]string {
	return map[message.Kind]string{
		message.Photo: s.photo.name, message.Document: s.photo.name,
		message.Voice: s.voice.name, message.Location: s.location.name,
	}
}
