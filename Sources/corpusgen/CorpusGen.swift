@main
enum CorpusGen {
  static func main() {}
}
