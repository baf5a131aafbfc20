// See BanachPrecompile.cmake.
int main() {}
