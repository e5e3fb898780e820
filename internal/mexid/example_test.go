package mexid_test

import (
	"fmt"

	"valebot/internal/fault"
	"valebot/internal/mexid"
)

func ExampleParsePhone() {
	p, _ := mexid.ParsePhone("whatsapp:+5216671234567")
	fmt.Println(p, p.Pretty(), p.Mask())
	// Output: +526671234567 667 123 4567 +52••••••4567
}

func ExampleParseCLABE() {
	c, _ := mexid.ParseCLABE("002 010 07777777777 1")
	fmt.Println(c.Bank(), c.Last4())
	_, err := mexid.ParseCLABE("002010077777777")
	fmt.Println(fault.CodeOf(err), fault.TextOf(err))
	// Output:
	// Banamex 7771
	// clabe_length La CLABE lleva 18 dígitos y conté 15.
}

func ExampleParseCURP() {
	c, _ := mexid.ParseCURP("hegg560427mvzrrl04")
	y, m, d := c.Birth()
	fmt.Println(y, m, d, c.Sex(), c.StateName())
	// Output: 1956 April 27 M Veracruz
}
