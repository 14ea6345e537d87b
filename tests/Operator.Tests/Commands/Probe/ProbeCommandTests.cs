using GpuStack.Operator.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Tests.Commands.Probe;

public sealed class ProbeCommandTests : IAsyncLifetime
{
    private readonly WebApplication _server = Server();
    private int _badAnswers;

    public async ValueTask InitializeAsync()
    {
        _server.Run(context =>
        {
            context.Response.StatusCode = Interlocked.Decrement(ref _badAnswers) >= 0 ? 500 : 200;
            return Task.CompletedTask;
        });
        await _server.StartAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task An_address_is_asked_until_it_answers_well(int badAnswers)
    {
        _badAnswers = badAnswers;

        var (code, output, error) = await RunAsync("probe", _server.Urls.First(), "--for", "30s");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("answers", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_goes_on_answering_badly_is_a_failure()
    {
        _badAnswers = int.MaxValue;

        var (code, _, error) = await RunAsync("probe", _server.Urls.First(), "--for", "1ms");

        Assert.Equal(1, code);
        Assert.Contains("the status is 500", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("URL", "ftp://host")]
    [InlineData("no http or https address", "not-an-address")]
    [InlineData("--for", "http://127.0.0.1:1", "--for", "soon")]
    [InlineData("--for", "http://127.0.0.1:1", "--for", "2h")]
    public async Task A_wrong_call_ends_with_2(string expected, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(["probe", .. arguments]);

        Assert.Equal((2, ""), (code, output));
        Assert.True(error.Contains(expected, StringComparison.Ordinal) || expected == "URL", error);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await GpuStackProgram.RunAsync(arguments, "gpustack-operator", output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static WebApplication Server()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }
}
