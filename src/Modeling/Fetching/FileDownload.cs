using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Headers;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Fetching;

/// <summary>
/// Fetches one file. Endpoints are tried in their order; whatever ends an attempt, the bytes that came stay, and the next attempt, at the
/// same endpoint or another one, goes on after them. That they belong together is shown by the digest at the end, or, where there is
/// none, by the entity tag with every answer.
/// </summary>
/// <param name="endpoints">Where the file is, at the version that was planned; the last one is the origin.</param>
/// <param name="folder">The version's folder.</param>
/// <param name="progress">Counts the bytes.</param>
/// <param name="options">Pauses and lines.</param>
internal sealed class FileDownload(ImmutableArray<IRemoteRepository> endpoints, string folder, FetchProgress progress, FetchOptions options)
{
    private const int Block = 256 << 10;

    /// <summary>Endpoints before this one were given up in this run: other files do not wait for them.</summary>
    private int _first;

    /// <summary>Fetches the file.</summary>
    /// <returns>SHA-256 of it.</returns>
    /// <exception cref="ByteRangeException">No endpoint has it, or serves it.</exception>
    /// <exception cref="OtherVersionException">An address serves another version than the one that was planned.</exception>
    /// <exception cref="FetchException">It comes with the wrong content, or cannot be written.</exception>
    public async Task<string> RunAsync(FetchFile file, CancellationToken cancellationToken)
    {
        using PartialFile partial = await PartialFile.OpenAsync(file, CacheLayout.FileIn(folder, file.Path), progress, cancellationToken).ConfigureAwait(false);
        var state = new RetryState(Volatile.Read(ref _first), 0, 0);
        while (true)
        {
            long before = partial.Length;
            FailureKind kind;
            Exception failure;
            TimeSpan? requested = null;
            try
            {
                if (partial.Length < file.Size)
                {
                    await ReceiveAsync(file, partial, endpoints[state.Endpoint], cancellationToken).ConfigureAwait(false);
                }

                (string sha256, string? wrong) = partial.Finish();
                if (wrong is null)
                {
                    return sha256;
                }

                kind = FailureKind.WrongContent;
                failure = new FetchException($"{endpoints[state.Endpoint].Name}: '{file.Path}' came with the wrong content ({wrong}); ask whoever runs the server, or use another mirror.");
            }
            catch (ByteRangeException exception)
            {
                kind = exception.IsTransient ? FailureKind.Passing : FailureKind.Refused;
                requested = exception.RetryAfter;
                failure = exception;
            }

            RetryStep step = state.After(kind, partial.Length > before, requested, endpoints.Length, options.Retries);
            if (step.Action == RetryAction.GiveUp)
            {
                throw failure;
            }

            if (step.Action == RetryAction.NextEndpoint && kind == FailureKind.Passing)
            {
                GiveUp(state.Endpoint);
            }

            options.Say(Sentence(failure, step));
            await Task.Delay(step.Pause, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            state = step.State;
        }
    }

    private static string Sentence(Exception failure, in RetryStep step) => step switch
    {
        { Action: RetryAction.NextEndpoint } => $"{failure.Message} Going on at the next endpoint",
        { Pause.TotalSeconds: >= 1 and var seconds } => string.Create(CultureInfo.InvariantCulture, $"{failure.Message} Going on in {seconds:0} s"),
        _ => $"{failure.Message} Trying again",
    };

    private void GiveUp(int endpoint)
    {
        int first;
        do
        {
            first = Volatile.Read(ref _first);
        }
        while (first == endpoint && Interlocked.CompareExchange(ref _first, endpoint + 1, first) != first);
    }

    private async Task ReceiveAsync(FetchFile file, PartialFile partial, IRemoteRepository endpoint, CancellationToken cancellationToken)
    {
        HttpExchange exchange = endpoint.Exchange(file.Path, file.EntityTag is { } tag ? new EntityTagHeaderValue(tag) : null);
        long? from = partial.Length > 0 ? partial.Length : null;
        using HttpResponseMessage response = await exchange.SendAsync(from, null, cancellationToken).ConfigureAwait(false);
        RangeAnswer answer = RangeAnswer.Of(response);
        bool encoded = response.Content.Headers.ContentEncoding.Any(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase));
        switch (encoded ? RangeVerdict.Refused : RangeDecision.Judge(file, partial.Length, answer))
        {
            case RangeVerdict.Append:
                break;
            case RangeVerdict.FromStart:
                options.Say($"{exchange.Name}: the server sends the file from its start, not from byte {partial.Length}");
                partial.StartAgain();
                break;
            case RangeVerdict.OtherVersion when file is { Sha256: null, GitBlob: null, AtCommit: false }:
                throw new OtherVersionException(exchange.Name);
            case RangeVerdict.OtherVersion:
                throw new ByteRangeException($"{exchange.Name}: the server's file is not the one that was listed, of {file.Size} bytes; use another mirror.");
            default:
                // Without a range in the next request there is nothing left to misunderstand.
                bool again = partial.Length > 0;
                partial.StartAgain();
                throw new ByteRangeException(
                    $"{exchange.Name}: the server answered the range from {from ?? 0} with {(int)answer.Status} '{response.Content.Headers.ContentRange?.ToString() ?? "no range"}'; use another server.")
                {
                    IsTransient = again,
                };
        }

        await CopyAsync(file, partial, exchange, response, cancellationToken).ConfigureAwait(false);
    }

    private static async Task CopyAsync(
        FetchFile file, PartialFile partial, HttpExchange exchange, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var block = new byte[Block];
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            while (await ReadAsync(body, block, exchange, cancellationToken).ConfigureAwait(false) is > 0 and int count)
            {
                if (count > file.Size - partial.Length)
                {
                    partial.StartAgain();
                    throw new ByteRangeException($"{exchange.Name}: the server sends more than the {file.Size} bytes that the file has; use another server.");
                }

                partial.Append(block.AsSpan(0, count));
            }
        }

        if (partial.Length < file.Size)
        {
            throw new ByteRangeException($"{exchange.Name}: the connection ended after {partial.Length} of {file.Size} bytes.") { IsTransient = true };
        }
    }

    private static async ValueTask<int> ReadAsync(Stream body, byte[] block, HttpExchange exchange, CancellationToken cancellationToken)
    {
        using HttpDeadline deadline = exchange.Session.Deadline(cancellationToken);
        try
        {
            return await body.ReadAsync(block, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (HttpSession.Explains(exception, cancellationToken))
        {
            throw exchange.Session.Failure(exchange.Name, exception);
        }
    }
}
