// Package zxcvbn is in place of the real one, whose word lists cost 0.12 s of each start of the CLI. Pulumi asks it in one place
// alone: whether a value that `config set` gets in plain text looks like a secret.
package zxcvbn

import "math"

// MinEntropyMatch is what PasswordStrength tells.
type MinEntropyMatch struct {
	// Entropy is in bits.
	Entropy float64
}

// PasswordStrength takes each character for a random one of those that the password has.
func PasswordStrength(password string, _ []string) MinEntropyMatch {
	distinct := map[rune]struct{}{}
	length := 0
	for _, character := range password {
		distinct[character] = struct{}{}
		length++
	}
	return MinEntropyMatch{Entropy: float64(length) * math.Log2(math.Max(1, float64(len(distinct))))}
}
