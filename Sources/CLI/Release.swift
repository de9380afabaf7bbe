/// The release of all three programs; agent and server tell it to each other.
package let release = "0.2.0"
