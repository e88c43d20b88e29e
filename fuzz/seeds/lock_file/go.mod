module x

go 1.22

require (
	golang.org/x/net v0.1.0 // indirect
)
replace golang.org/x/net => ../net
