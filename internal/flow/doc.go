// Package flow loads conversations that operators write in YAML, checks them,
// compiles them to immutable machines, and decides what a dialogue does about
// one event (Turn).
//
// The loader is the compiler: what it accepts cannot speak of a message, a step,
// a fact or an action that does not exist, leaves no outcome without a way on,
// cannot go round without waiting, and fits the channels. Each problem has its
// place, a suggestion and a code that Explain explains.
//
// A turn is pure. It reads facts and the clock from its arguments, and returns
// effects that somebody else carries out. Callers may not assume that an effect
// has happened, that a dialogue has only one timer, or that a state can be read
// by anything but this package: it holds secrets, so store it encrypted.
package flow
