package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"valebot/internal/app"
	"valebot/internal/casework"
	"valebot/internal/loan"
	"valebot/internal/mexid"
	"valebot/internal/money"
)

type distributorCmd struct {
	List     distributorListCmd     `cmd:"" help:"Lista las distribuidoras con su línea."`
	Show     distributorShowCmd     `cmd:"" help:"Muestra la cuenta de una."`
	Apply    distributorApplyCmd    `cmd:"" help:"Anota que una persona quiere ser distribuidora."`
	Activate distributorActivateCmd `cmd:"" help:"La activa, con su línea y su categoría."`
	Line     distributorLineCmd     `cmd:"" help:"Sube o baja su línea."`
	Category distributorCategoryCmd `cmd:"" help:"Cambia lo que gana por los vales que autorice desde ahora."`
	Branch   distributorBranchCmd   `cmd:"" help:"La pasa a otra sucursal."`
	PIN      distributorPINCmd      `cmd:"" name:"pin" help:"Le da un NIP nuevo."`
	Points   distributorPointsCmd   `cmd:"" help:"Canjea puntos suyos."`
	Block    distributorBlockCmd    `cmd:"" help:"La bloquea: no autoriza vales hasta que alguien la abra."`
	Unblock  distributorUnblockCmd  `cmd:"" help:"La abre otra vez, aunque deba cortes."`
	Close    distributorCloseCmd    `cmd:"" help:"Cierra su cuenta, si nada de su línea está en uso."`
}

// distributorLine is a distributor's account for programs. Amounts are centavos.
type distributorLine struct {
	ID        string       `json:"id"`
	Phone     string       `json:"phone"`
	Name      string       `json:"name"`
	State     string       `json:"state"`
	Blocked   string       `json:"blocked_because,omitempty"`
	Branch    string       `json:"branch"`
	Category  string       `json:"category,omitempty"`
	Limit     money.Amount `json:"line_centavos"`
	Held      money.Amount `json:"held_centavos"`
	Used      money.Amount `json:"used_centavos"`
	Available money.Amount `json:"available_centavos"`
	Points    int          `json:"points"`
	Unpaid    int          `json:"unpaid_cortes"`
	Locked    bool         `json:"pin_locked"`
}

func lineOf(a casework.Account) distributorLine {
	return distributorLine{
		a.ID.String(), a.Phone, a.Name, string(a.State), a.WhyBlocked(), a.Branch, a.Category,
		a.Limit, a.Held, a.Used, a.Available, a.Points, a.Unpaid, a.Locked,
	}
}

type distributorListCmd struct {
	State string `name:"estado" enum:"todas,solicitante,activa,bloqueada,cerrada" default:"todas" help:"Solo las que están así."`
	clerk
}

// Help shows two real uses.
func (distributorListCmd) Help() string {
	return `Ejemplos:
  valebot distributor list --como luis
  valebot distributor list --estado bloqueada --como luis --json

La ve quien supervisa o audita la mesa, y queda anotado que la leyó.`
}

// Run lists distributors. JSON: a list of distributorLine.
func (c *distributorListCmd) Run(e *env) error {
	states := map[string]loan.DistributorState{
		"solicitante": loan.DistributorApplicant, "activa": loan.DistributorActive,
		"bloqueada": loan.DistributorBlocked, "cerrada": loan.DistributorClosed,
	}
	return c.at(e, func(counter *app.Counter) error {
		all, err := counter.Distributors(e.ctx, "", states[c.State])
		if err != nil {
			return err
		}
		list, text := []distributorLine{}, strings.Builder{}
		for _, a := range all {
			list = append(list, lineOf(a))
			fmt.Fprintf(&text, "%s  %-11s  disponible %12s de %12s  %s\n", a.Phone, a.Standing(), a.Available, a.Limit, a.Name)
		}
		fmt.Fprintf(&text, "%d distribuidoras\n", len(all))
		return e.print(list, text.String())
	})
}

// onDistributor is the account of whoever has a phone.
type onDistributor struct {
	Phone string `arg:"" name:"teléfono" help:"De la distribuidora."`
	clerk
}

type distributorShowCmd struct{ onDistributor }

// Help shows two real uses.
func (distributorShowCmd) Help() string {
	return `Ejemplos:
  valebot distributor show 6670000001 --como luis
  valebot distributor show 6670000001 --como luis --json | jq .points`
}

// Run shows an account. JSON: distributorLine.
func (c *distributorShowCmd) Run(e *env) error {
	phone, err := mexid.ParsePhone(c.Phone)
	if err != nil {
		return err
	}
	return c.at(e, func(counter *app.Counter) error {
		all, err := counter.Distributors(e.ctx, string(phone), "")
		if err != nil {
			return err
		}
		return e.print(lineOf(all[0]), accountText(all[0]))
	})
}

func accountText(a casework.Account) string {
	text := fmt.Sprintf("%s, %s, %s\nlínea       %12s\nusado       %12s\napartado    %12s\ndisponible  %12s\n",
		a.Name, a.Phone, a.Standing(), a.Limit, a.Used, a.Held, a.Available)
	text += fmt.Sprintf("sucursal %s, categoría %s, %d puntos, %d cortes sin pagar\n", a.Branch, orElse(a.Category, "ninguna"), a.Points, a.Unpaid)
	if why := a.WhyBlocked(); why != "" {
		text += "bloqueada " + why + "\n"
	}
	if a.Locked {
		text += "su NIP está bloqueado por intentos fallidos\n"
	}
	return text
}

// verdict is a supervisor's decision about an account, and why.
type verdict struct {
	Reason string `name:"motivo" aliases:"reason" required:"" help:"Por qué; queda en la bitácora."`
	onDistributor
}

// run decides about the distributor with the phone.
func (c verdict) run(e *env, name string, with map[string]any) error {
	return c.lead(e, name, func(counter *app.Counter, phone string) error {
		p, err := counter.Store.PersonByPhone(e.ctx, phone)
		if err != nil {
			return err
		}
		id, err := counter.Store.DistributorID(e.ctx, p.ID)
		with["distribuidora"] = id.String()
		return err
	}, with)
}

// lead runs an action that a supervisor alone decides; find adds whom it is
// about to its inputs.
func (c verdict) lead(e *env, name string, find func(*app.Counter, string) error, with map[string]any) error {
	phone, err := mexid.ParsePhone(c.Phone)
	if err != nil {
		return err
	}
	return c.at(e, func(counter *app.Counter) error {
		if err := find(counter, string(phone)); err != nil {
			return err
		}
		with["motivo"] = c.Reason
		result, err := counter.Lead(e.ctx, name, with)
		if err != nil {
			return err
		}
		return e.print(acted(result), actedText(result))
	})
}

// newPIN reads a NIP from VALEBOT_NIP or the first line of the input. On a
// terminal it would stand on the screen, so there it is not asked for.
func (e *env) newPIN() (string, error) {
	if pin := os.Getenv("VALEBOT_NIP"); pin != "" {
		return pin, nil
	}
	if isTerminal(e.in) {
		return "", misuse("el NIP va en VALEBOT_NIP o por la entrada, donde nadie lo ve: read -rs VALEBOT_NIP; export VALEBOT_NIP")
	}
	line, err := bufio.NewReader(io.LimitReader(e.in, 64)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read NIP: %w", err)
	}
	return strings.TrimSpace(line), nil
}
