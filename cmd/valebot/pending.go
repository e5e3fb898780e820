package main

import "errors"

type flowGraphCmd struct{}

func (flowGraphCmd) Run(*env) error { return errors.New("x") }

type flowSimCmd struct{}

func (flowSimCmd) Run(*env) error { return errors.New("x") }

type explainCmd struct{}

func (explainCmd) Run(*env) error { return errors.New("x") }

type benchCmd struct{}

func (benchCmd) Run(*env) error { return errors.New("x") }
