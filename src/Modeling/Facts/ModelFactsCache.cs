using System.Collections.Concurrent;

namespace GpuStack.Modeling.Facts;

/// <summary>
/// Finds facts out once. Facts of a commit or digest hold for ever; others are believed for a while, then the source is asked, with one
/// small request, whether it still has the content they were read from. A question asked while it is being answered gets the same answer,
/// and a failure is believed for a short while, so that a source in trouble is not asked by everybody at once.
/// </summary>
/// <typeparam name="T">The facts.</typeparam>
/// <param name="store">Keeps the facts.</param>
/// <param name="time">Tells the age of facts and failures.</param>
public sealed class ModelFactsCache<T>(IModelFactsStore<T> store, TimeProvider time)
{
    /// <summary>Questions and failures that are remembered.</summary>
    private const int MostAnswers = 1024;

    private readonly ConcurrentDictionary<string, Answer> _answers = new(StringComparer.Ordinal);

    /// <summary>How long facts are believed without asking their source.</summary>
    public TimeSpan Freshness { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a failure is believed.</summary>
    public TimeSpan FailureFreshness { get; init; } = TimeSpan.Zero;

    /// <summary>The facts under a key.</summary>
    /// <param name="key">Names the location and all else that the facts depend on; see <see cref="ModelFactsKey"/>.</param>
    /// <param name="isImmutable">Whether the location names content that never changes.</param>
    /// <param name="pinAsync">Asks what stands for the source's present content.</param>
    /// <param name="readAsync">Finds the facts out, and what stood for the content they were read from.</param>
    /// <param name="cancellationToken">Ends the waiting; the work, which others may wait for, goes on.</param>
    public async Task<T> GetAsync(
        string key, bool isImmutable, Func<Task<string?>> pinAsync, Func<Task<(T Facts, string? Pin)>> readAsync, CancellationToken cancellationToken)
    {
        ModelFacts<T>? known = await store.FindAsync(key, cancellationToken).ConfigureAwait(false);
        if (known is not null && (isImmutable || IsFresh(known)))
        {
            return known.Value;
        }

        Answer mine = new(new Lazy<Task<T>>(() => FindOutAsync(key, known, pinAsync, readAsync)), time.GetTimestamp());
        Answer answer = _answers.AddOrUpdate(key, mine, (_, present) => IsBelieved(present) ? present : mine);
        Bound();
        return await answer.Facts.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> FindOutAsync(string key, ModelFacts<T>? known, Func<Task<string?>> pinAsync, Func<Task<(T Facts, string? Pin)>> readAsync)
    {
        T value;
        string? pin;
        if (known?.Pin is { } before && await pinAsync().ConfigureAwait(false) == before)
        {
            (value, pin) = (known.Value, before);
        }
        else
        {
            (value, pin) = await readAsync().ConfigureAwait(false);
        }

        await store.StoreAsync(key, new ModelFacts<T>(value, pin, time.GetUtcNow()), CancellationToken.None).ConfigureAwait(false);
        _answers.TryRemove(key, out _);
        return value;
    }

    private bool IsFresh(ModelFacts<T> facts)
    {
        // A clock that was set back must not make facts fresh for ever.
        TimeSpan age = time.GetUtcNow() - facts.Checked;
        return age >= TimeSpan.Zero && age < Freshness;
    }

    private bool IsBelieved(Answer answer) =>
        answer.Facts is not { IsValueCreated: true, Value.IsCompleted: true } || time.GetElapsedTime(answer.Asked) < FailureFreshness;

    private void Bound()
    {
        if (_answers.Count <= MostAnswers)
        {
            return;
        }

        foreach (KeyValuePair<string, Answer> old in _answers.OrderBy(pair => pair.Value.Asked).Take(_answers.Count - MostAnswers))
        {
            _answers.TryRemove(old);
        }
    }

    private sealed record Answer(Lazy<Task<T>> Facts, long Asked);
}
