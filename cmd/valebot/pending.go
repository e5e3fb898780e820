package main

import "errors"

type flowCmd struct{}

func (flowCmd) Run(*env) error { return errors.New("x") }

type explainCmd struct{}

func (explainCmd) Run(*env) error { return errors.New("x") }

type doctorCmd struct{}

func (doctorCmd) Run(*env) error { return errors.New("x") }

type benchCmd struct{}

func (benchCmd) Run(*env) error { return errors.New("x") }
