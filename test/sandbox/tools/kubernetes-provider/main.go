// Pulumi's Kubernetes provider, as the plugin that the npm package of the same version asks for. Its own main package is not
// served by the module proxy; its schema and its mappings, which no update needs, are left out.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

var version string

func main() {
	provider.Serve("kubernetes", version, []byte("{}"), []byte("{}"))
}
