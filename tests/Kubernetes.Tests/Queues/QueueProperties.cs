using FsCheck;
using FsCheck.Fluent;
using GpuStack.Kubernetes.Queues;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Queues;

public sealed class QueueProperties
{
    private const int Keys = 6;

    /// <summary>The bucket is never empty, so that the model need not know of it.</summary>
    private static readonly RateLimitedQueueOptions Unlimited = new() { Burst = int.MaxValue };

    private enum Verb
    {
        Add,
        AddAfter,
        Fail,
        Forget,
        Take,
        Done,
        Advance,
    }

    [Fact]
    public void Point21_AnySequenceOfCalls_DoesWhatTheModelDoes() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(Steps(), AgreesWithTheModel));

    [Fact]
    public async Task Point17_UnderSeveralWorkers_NoKeyIsInTwoHands_AndNoneIsLost()
    {
        for (var seed = 0; seed < 20; seed++) await RunAsync(seed, adders: 3, workers: 4, adds: 500);
    }

    private static Arbitrary<List<Step>> Steps()
    {
        var step =
            from verb in Gen.Frequency(
                (4, Gen.Constant(Verb.Add)),
                (3, Gen.Constant(Verb.AddAfter)),
                (2, Gen.Constant(Verb.Fail)),
                (1, Gen.Constant(Verb.Forget)),
                (6, Gen.Constant(Verb.Take)),
                (4, Gen.Constant(Verb.Done)),
                (3, Gen.Constant(Verb.Advance)))
            from key in Gen.Choose(0, Keys - 1)
            from priority in Gen.Elements(QueuePriority.Low, -1, QueuePriority.Normal, QueuePriority.Normal, 5)
            from milliseconds in Gen.Choose(0, 40)
            select new Step(verb, key, priority, milliseconds);
        return Gen.ListOf(step).Select(steps => steps.ToList()).ToArbitrary();
    }

    private static bool AgreesWithTheModel(List<Step> steps)
    {
        var clock = new TestClock();
        using var queue = new RateLimitedQueue<int>(clock, Unlimited);
        var model = new QueueModel();
        foreach (var step in steps)
        {
            if (!Apply(step, queue, model, clock)) return false;
            if (queue.Count != model.Count || queue.DelayedCount != model.DelayedCount) return false;
        }

        // What is left comes out as well: nothing is lost.
        clock.Advance(TimeSpan.FromHours(1));
        model.Advance(3_600_000);
        foreach (var key in model.InHand.ToList())
        {
            queue.Done(key);
            model.Done(key);
        }

        while (model.Count > 0)
        {
            if (!Take(queue, model)) return false;
        }

        return queue.Count == 0;
    }

    private static bool Apply(Step step, RateLimitedQueue<int> queue, QueueModel model, TestClock clock)
    {
        switch (step.Verb)
        {
            case Verb.Add:
                queue.Add(step.Key, step.Priority);
                model.Add(step.Key, step.Priority);
                return true;
            case Verb.AddAfter:
                queue.AddAfter(step.Key, TimeSpan.FromMilliseconds(step.Milliseconds), step.Priority);
                model.AddAfter(step.Key, step.Milliseconds, step.Priority);
                return true;
            case Verb.Fail:
                queue.AddRateLimited(step.Key, step.Priority);
                model.Fail(step.Key, step.Priority);
                return true;
            case Verb.Forget:
                queue.Forget(step.Key);
                model.Forget(step.Key);
                return true;
            case Verb.Take:
                return model.Count == 0 || Take(queue, model);
            case Verb.Done:
                queue.Done(step.Key);
                model.Done(step.Key);
                return true;
            default:
                clock.Advance(TimeSpan.FromMilliseconds(step.Milliseconds));
                model.Advance(step.Milliseconds);
                return true;
        }
    }

    private static bool Take(RateLimitedQueue<int> queue, QueueModel model)
    {
        var take = queue.TakeAsync(CancellationToken.None);
        if (!take.IsCompletedSuccessfully) return false;
        var (taken, key, priority) = take.Result;
        return taken && (key, priority) == model.Take();
    }

    private static async Task RunAsync(int seed, int adders, int workers, int adds)
    {
        var clock = new TestClock();
        using var queue = new RateLimitedQueue<int>(clock, Unlimited);
        var asked = new long[Keys];
        var seen = new long[Keys];
        var inHand = new int[Keys];
        var doubled = 0;
        var working = Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync)).ToList();
        await Task.WhenAll(Enumerable.Range(0, adders).Select(adder => Task.Run(() => AddAll(adder)))).WaitAsync(TimeSpan.FromSeconds(30));
        clock.Advance(TimeSpan.FromHours(1));
        await queue.DrainAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        await Task.WhenAll(working).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, doubled);
        // Whoever asked was served after having asked.
        Assert.Equal(asked, seen);

        void AddAll(int adder)
        {
#pragma warning disable CA5394 // Repeatable, not secret.
            var random = new Random(seed * 100 + adder);
            for (var i = 0; i < adds; i++)
            {
                var key = random.Next(Keys);
                Interlocked.Increment(ref asked[key]);
                var priority = random.Next(3);
                if (random.Next(2) == 0) queue.Add(key, priority);
                else queue.AddAfter(key, TimeSpan.FromMilliseconds(1 + random.Next(3)), priority);
                if (adder == 0 && random.Next(10) == 0) clock.Advance(TimeSpan.FromMilliseconds(2));
            }
#pragma warning restore CA5394
        }

        async Task WorkAsync()
        {
            while (true)
            {
                var (taken, key, _) = await queue.TakeAsync(CancellationToken.None);
                if (!taken) return;
                if (Interlocked.Increment(ref inHand[key]) != 1) Interlocked.Increment(ref doubled);
                Volatile.Write(ref seen[key], Volatile.Read(ref asked[key]));
                await Task.Yield();
                Interlocked.Decrement(ref inHand[key]);
                queue.Done(key);
            }
        }
    }

    private sealed record Step(Verb Verb, int Key, int Priority, int Milliseconds);
}
