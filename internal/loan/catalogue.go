package loan

import (
	"cmp"
	"slices"

	"valebot/internal/fault"
	"valebot/internal/quincena"
)

// Catalogue is all products of a lender in all their versions. A version holds
// from its first day until the next one's.
type Catalogue struct{ products []Product } // by name and first day

// NewCatalogue returns the catalogue of the products. It refuses bad_catalogue
// where two versions of a product have one number or one first day, or where a
// later number begins earlier: then nobody could tell which one holds.
func NewCatalogue(products ...Product) (Catalogue, error) {
	c := Catalogue{slices.Clone(products)}
	slices.SortStableFunc(c.products, func(a, b Product) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), a.From.Compare(b.From))
	})
	for i := 1; i < len(c.products); i++ {
		a, b := c.products[i-1], c.products[i]
		if a.ID == b.ID && (a.From == b.From || a.Version >= b.Version) {
			return Catalogue{}, fault.Newf(fault.Invalid, "bad_catalogue",
				"El producto «%s» tiene las versiones %d y %d sin orden: cada una lleva un número y una fecha mayores.", a.ID, a.Version, b.Version)
		}
	}
	return c, nil
}

// On returns the version of a product that holds on a day. It refuses
// no_such_product, and product_not_yet before the first version.
func (c Catalogue) On(id string, day quincena.Date) (Product, error) {
	var found Product
	for _, p := range c.products {
		if p.ID == id && !day.Before(p.From) {
			found = p
		}
	}
	if found.ID != "" {
		return found, nil
	}
	if first := c.First(id); first.ID != "" {
		return Product{}, first.notYet()
	}
	return Product{}, fault.Newf(fault.NotFound, "no_such_product", "No existe el producto «%.40s».", id)
}

// First is the first version of a product, or the zero Product.
func (c Catalogue) First(id string) Product {
	for _, p := range c.products {
		if p.ID == id {
			return p
		}
	}
	return Product{}
}

// IDs lists the names of the products, in order.
func (c Catalogue) IDs() []string {
	var ids []string
	for _, p := range c.products {
		ids = append(ids, p.ID)
	}
	return slices.Compact(ids)
}

func (p Product) notYet() error {
	return fault.Newf(fault.Invalid, "product_not_yet", "El producto empieza el %s.", p.From.Short())
}
