using System.CommandLine;
using System.Globalization;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling.Sources;

namespace GpuStack.Operator.Commands.Probe;

/// <summary><c>probe URL</c>: asks an address until it answers well; for <c>helm test</c>, whose image has no other program.</summary>
internal static class ProbeCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OneAnswer = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly Argument<string> Address = new("URL") { Description = "An http or https address" };

    private static readonly Option<string> For = new("--for")
    {
        Description = "How long to go on asking, such as 60s",
        DefaultValueFactory = _ => "10s",
        HelpName = "DURATION",
    };

    public static Command Create()
    {
        var command = new Command("probe", "Asks an address until it answers with a status from 200 to 299; exits with 1 if it does not in time.") { Address, For };
        command.SetAction((call, cancellationToken) => RunAsync(Uri(call), Limit(call), TimeProvider.System, call.InvocationConfiguration.Output, cancellationToken));
        return command;
    }

    /// <summary>Asks until the answer is good.</summary>
    /// <exception cref="WorkFailedException">It was not in time.</exception>
    internal static async Task<int> RunAsync(Uri address, TimeSpan limit, TimeProvider time, TextWriter output, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(HttpByteRangeSource.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        var start = time.GetTimestamp();
        while (true)
        {
            var said = await AskAsync(client, address, time, cancellationToken);
            if (said is null)
            {
                await output.WriteLineAsync($"{address} answers.");
                return ExitCodes.Success;
            }
            if (time.GetElapsedTime(start) + Pause > limit)
                throw new WorkFailedException(string.Create(CultureInfo.InvariantCulture, $"{address} does not answer well within {limit.TotalSeconds:0} s: {said}"));
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <returns>What is wrong; null when nothing is.</returns>
    private static async Task<string?> AskAsync(HttpClient client, Uri address, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(OneAnswer, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return answer.IsSuccessStatusCode ? null : string.Create(CultureInfo.InvariantCulture, $"the status is {(int)answer.StatusCode}.");
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"no answer came within {OneAnswer.TotalSeconds:0} s.");
        }
    }

    private static Uri Uri(ParseResult call) =>
        System.Uri.TryCreate(call.GetRequiredValue(Address), UriKind.Absolute, out var address) && (address.Scheme == System.Uri.UriSchemeHttp || address.Scheme == System.Uri.UriSchemeHttps)
            ? address
            : throw new InputException($"'{call.GetRequiredValue(Address)}' is no http or https address; give one such as http://127.0.0.1:8081/readyz.");

    private static TimeSpan Limit(ParseResult call)
    {
        var text = call.GetRequiredValue(For);
        return KubernetesDuration.TryParse(text, out var duration) && duration.ToTimeSpan() is var limit && limit > TimeSpan.Zero && limit <= Longest
            ? limit
            : throw new InputException($"{For.Name}: '{text}' is no duration of up to an hour; give one such as 60s.");
    }
}
