package app

import (
	"context"
	"strings"
	"time"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

// Signature is how somebody shows at the command line that a name is hers: by
// what opens the desk for her.
type Signature struct {
	Login    string
	Password string
	Code     string // of her second factor, or a recovery code; where she has one
}

// Tries at the command line count against the same name as those at the desk.
const (
	signBurst = 8
	signEvery = 30 * time.Second
)

// sign proves who somebody of the desk is: what two people must decide is not
// decided by one who knows two names. A code opens once. Faults, Denied:
// bad_login, whatever was wrong; too_many_tries.
func (a *App) sign(ctx context.Context, s Signature) (casework.Person, error) {
	login := strings.ToLower(strings.TrimSpace(s.Login))
	wall := time.Now() // real, whatever the product's clock says: codes and tries are
	wait, err := a.store.LoginWait(ctx, wall, []casework.Gate{{Key: "n:" + login, Every: signEvery, Burst: signBurst}})
	switch {
	case err != nil:
		return casework.Person{}, err
	case wait > 0:
		return casework.Person{}, fault.New(fault.Denied, "too_many_tries", "Demasiados intentos. Espera un minuto.")
	}
	who, ok, err := a.store.AgentNamed(ctx, login)
	if err != nil {
		return casework.Person{}, err
	}
	right := a.vault.VerifyPassword(who.PasswordHash, s.Password)
	if right && ok && !who.Disabled {
		if right, err = a.secondOf(ctx, login, s.Code, wall); err != nil {
			return casework.Person{}, err
		}
	}
	if !right || !ok || who.Disabled {
		return casework.Person{}, fault.New(fault.Denied, "bad_login",
			"El usuario, la contraseña o el código de la mesa no son correctos. Van en VALEBOT_AGENT_PASSWORD y VALEBOT_AGENT_CODE.")
	}
	return who, nil
}

// secondOf checks the code of who has a second factor; who has none needs none.
func (a *App) secondOf(ctx context.Context, login, code string, wall time.Time) (bool, error) {
	secret, _, err := a.store.SecondFactor(ctx, login)
	if err != nil || secret == "" {
		return err == nil, err
	}
	if step, ok := casework.CodeStep(secret, code, wall); ok {
		return a.store.UseStep(ctx, login, step)
	}
	return a.store.UseRecovery(ctx, login, casework.RecoveryHash(code))
}

// signChange proves who changes flows, or reads what people wrote: a supervisor, as at the desk. Where the
// desk has nobody yet, nobody can prove anything, and the name is taken as it is
// given: the rule of four eyes cannot be switched on before.
//
// It returns the name under which what she does is kept, one spelling of it
// alone, and whether the desk has nobody.
func (a *App) signChange(ctx context.Context, s Signature) (login string, alone bool, err error) {
	some, err := a.store.HasAgents(ctx)
	if err != nil || !some {
		return strings.TrimSpace(s.Login), !some, err
	}
	who, err := a.sign(ctx, s)
	if err == nil && !who.Role.Leads() {
		err = fault.New(fault.Denied, "not_supervisor", "Los flujos los cambia, y lo que escribe la gente lo lee desde aquí, quien supervisa la mesa.")
	}
	return who.Login, false, err
}

// errNobody refuses what takes two people where nobody can show who she is.
var errNobody = fault.New(fault.Denied, "no_agents",
	"Para que dos personas decidan, da de alta primero a quienes atienden la mesa: valebot seed, agents.")
