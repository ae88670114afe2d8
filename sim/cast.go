package sim

// cast is what plays in one world after another and is costly to make.
type cast struct {
	nodes  []*node
	stacks stacks
}

// newCast makes one of as many nodes.
func newCast(nodes int) (*cast, error) {
	c := &cast{nodes: make([]*node, nodes)}
	for i := range c.nodes {
		var err error
		if c.nodes[i], err = newNode(i); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// leave lets go of what the cast holds. Its last world has ended.
func (c *cast) leave() { c.stacks.close() }
