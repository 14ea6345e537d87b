using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Access;

/// <summary>
/// Lets requests to one path in whose bearer token's owner may get it, as the API server says: a TokenReview asks who it is, a
/// SubjectAccessReview whether he may. Answers are kept for a short while, under the token's digest; tokens themselves are not kept.
/// Safe for concurrent use.
/// </summary>
/// <param name="client">Its user needs to create tokenreviews and subjectaccessreviews.</param>
/// <param name="path">The path, such as <c>/metrics</c>, which roles name in <c>nonResourceURLs</c>.</param>
/// <param name="time">The clock.</param>
public sealed class PathAccess(IKubernetesClient client, string path, TimeProvider time) : IDisposable
{
    /// <summary>How long somebody is let in without asking again: as long as a right that was taken away still counts.</summary>
    internal static readonly TimeSpan AllowedFor = TimeSpan.FromMinutes(2);

    /// <summary>How long somebody is kept out without asking again: as long as a new right waits.</summary>
    internal static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(30);

    /// <summary>Answers that are kept; whoever sends ever new tokens only makes us ask more.</summary>
    internal const int MostKept = 1000;

    /// <summary>Questions at a time: a flood of tokens must not become one of reviews.</summary>
    private const int MostAsked = 4;

    private const string Scheme = "Bearer ";

    private readonly SemaphoreSlim _asking = new(MostAsked, MostAsked);
    private ImmutableDictionary<string, Answer> _answers = ImmutableDictionary.Create<string, Answer>(StringComparer.Ordinal);

    /// <summary>Decides on a request.</summary>
    /// <param name="authorization">The value of its Authorization header; null without one.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <exception cref="KubernetesException">The API server refuses to be asked.</exception>
    /// <exception cref="HttpRequestException">The API server cannot be reached.</exception>
    public async Task<AccessVerdict> JudgeAsync(string? authorization, CancellationToken cancellationToken)
    {
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return AccessVerdict.Unauthenticated;
        var token = authorization[Scheme.Length..].Trim();
        if (token.Length == 0) return AccessVerdict.Unauthenticated;
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (Known(digest) is { } known) return known;
        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Others may have asked the same meanwhile.
            if (Known(digest) is { } answered) return answered;
            var verdict = await AskAsync(token, cancellationToken).ConfigureAwait(false);
            Keep(digest, verdict);
            return verdict;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _asking.Dispose();

    private AccessVerdict? Known(string digest) =>
        Volatile.Read(ref _answers).TryGetValue(digest, out var answer) && time.GetUtcNow() < answer.Until ? answer.Verdict : null;

    private async Task<AccessVerdict> AskAsync(string token, CancellationToken cancellationToken)
    {
        var who = await client.CreateAsync(new V1TokenReview { Spec = new V1TokenReviewSpec { Token = token } }, cancellationToken).ConfigureAwait(false);
        if (who.Status is not { Authenticated: true, User: { } user }) return AccessVerdict.Unauthenticated;
        var question = new V1SubjectAccessReview
        {
            Spec = new V1SubjectAccessReviewSpec
            {
                User = user.Username,
                Uid = user.Uid,
                Groups = user.Groups,
                Extra = user.Extra,
                NonResourceAttributes = new V1NonResourceAttributes { Path = path, Verb = "get" },
            },
        };
        var may = await client.CreateAsync(question, cancellationToken).ConfigureAwait(false);
        return may.Status is { Allowed: true, Denied: not true } ? AccessVerdict.Allowed : AccessVerdict.Forbidden;
    }

    private void Keep(string digest, AccessVerdict verdict)
    {
        var now = time.GetUtcNow();
        var answer = new Answer(verdict, now + (verdict == AccessVerdict.Allowed ? AllowedFor : RefusedFor));
        ImmutableInterlocked.Update(ref _answers, static (answers, given) =>
        {
            if (answers.Count >= MostKept) answers = answers.RemoveRange(answers.Where(pair => pair.Value.Until <= given.Now).Select(pair => pair.Key));
            // Those that are let in stay; the others only cost a question.
            if (answers.Count >= MostKept) answers = answers.RemoveRange(answers.Where(pair => pair.Value.Verdict != AccessVerdict.Allowed).Select(pair => pair.Key));
            return (answers.Count >= MostKept ? answers.Clear() : answers).SetItem(given.Digest, given.Answer);
        }, (Digest: digest, Answer: answer, Now: now));
    }

    private sealed record Answer(AccessVerdict Verdict, DateTimeOffset Until);
}
