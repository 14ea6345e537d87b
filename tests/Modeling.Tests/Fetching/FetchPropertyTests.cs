using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling.Fetching;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Fetching;

/// <summary>Whatever goes wrong on the way, what lies under the final name at the end are the file's own bytes.</summary>
public sealed class FetchPropertyTests
{
    private static readonly byte[] Bytes = FetchHub.Content(40_000);

    private static Arbitrary<Event[]> Events { get; } = Gen.OneOf(
        Gen.Choose(0, Bytes.Length).Select(after => new Event(new Fault.Cut(after), null)),
        Gen.Choose(0, Bytes.Length).Select(after => new Event(new Fault.Reset(after), null)),
        Gen.Elements(429, 500, 503).Select(code => new Event(new Fault.Status(code, "0"), null)),
        Gen.Constant(new Event(new Fault.IgnoreRange(), null)),
        Gen.Constant(new Event(new Fault.WrongRange(), null)),
        Gen.Constant(new Event(new Fault.Corrupt(), null)),
        Gen.Choose(0, Bytes.Length).Select(at => new Event(null, at))).ArrayOf(12).ToArbitrary();

    [Fact]
    public async Task Random_faults_end_with_the_same_bytes()
    {
        await using FetchHub hub = await FetchHub.StartAsync(("model.gguf", Bytes));
        foreach (string location in (string[])["hf://owner/repo", $"{hub.Address}web/model.gguf"])
        {
            Prop.ForAll(Events, events => RunAsync(hub, location, events).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
        }
    }

    /// <summary>Runs until it succeeds: each run goes on from what the last one left, which is damaged in between.</summary>
    private static async Task RunAsync(FetchHub hub, string location, Event[] events)
    {
        using var fetching = new FetchFolder();
        bool isWeb = location.StartsWith("http", StringComparison.Ordinal);

        // An address without a digest has nothing to find damage by.
        var queue = new Queue<Event>(events.Where(next => !isWeb || (next.Damage is null && next.Fault is not Fault.Corrupt)));
        hub.Faults = (_, _) =>
        {
            lock (queue)
            {
                return queue.TryPeek(out Event? next) && next.Damage is null ? queue.Dequeue().Fault : null;
            }
        };
        for (int runs = 0; ; runs++)
        {
            Assert.True(runs <= events.Length + 1);
            try
            {
                FetchedModel model = await fetching.RunAsync(location, hub.Settings);
                Assert.Equal(Bytes, await File.ReadAllBytesAsync(model.Path));
                Assert.Equal(FetchHub.Sha256(Bytes), model.Files[0].Sha256);
                Assert.DoesNotContain(fetching.Everything(), file => file.Contains(".partial", StringComparison.Ordinal));
                return;
            }
            catch (Exception exception) when (exception is ByteRangeException or FetchException)
            {
                Damage(fetching.Folder, queue);
            }
        }
    }

    private static void Damage(string folder, Queue<Event> queue)
    {
        lock (queue)
        {
            while (queue.TryPeek(out Event? next) && next.Damage is { } at)
            {
                queue.Dequeue();
                foreach (string partial in Directory.EnumerateFiles(folder, "*.partial", SearchOption.AllDirectories))
                {
                    byte[] bytes = File.ReadAllBytes(partial);
                    if (at < bytes.Length)
                    {
                        bytes[at] ^= 0xff;
                    }

                    File.WriteAllBytes(partial, at % 2 == 0 ? bytes : bytes[..Math.Min(at, bytes.Length)]);
                }
            }
        }
    }

    private sealed record Event(Fault? Fault, int? Damage);
}
