namespace GpuStack.Benchmarks.Soak;

/// <summary>What a soak is like; the server's process is given the same.</summary>
internal sealed record SoakOptions(int Minutes, int Watchers, int Changes, int Rate, int Names, int Window, int MeanEvents, int Speed, int Seed)
{
    public static SoakOptions Read(BenchmarkArguments arguments)
    {
        var options = new SoakOptions(
            arguments.Integer("minutes", 10),
            arguments.Integer("watchers", 50),
            arguments.Integer("changes", 100_000),
            arguments.Integer("rate", 300),
            arguments.Integer("names", 300),
            arguments.Integer("window", 1000),
            arguments.Integer("events", 500),
            arguments.Integer("speed", 20),
            arguments.Integer("seed", 1));
        return options is { Minutes: > 0, Watchers: > 0, Changes: > 0, Rate: > 0, Names: > 0, Window: > 0, MeanEvents: > 0, Speed: > 0 }
            ? options
            : throw new ArgumentException("Every number of soak but --seed must be at least 1.");
    }

    public IEnumerable<string> ToArguments() =>
    [
        "--minutes", $"{Minutes}", "--watchers", $"{Watchers}", "--changes", $"{Changes}", "--rate", $"{Rate}", "--names", $"{Names}",
        "--window", $"{Window}", "--events", $"{MeanEvents}", "--speed", $"{Speed}", "--seed", $"{Seed}",
    ];
}
