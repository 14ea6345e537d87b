using System.Net;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Tests.Commands;

public class FailureReportTests
{
    public static TheoryData<Exception, int> Ordinary => new()
    {
        { new InputException("x"), 2 },
        { new KubeconfigException("x"), 2 },
        { new FileNotFoundException("x", "file"), 2 },
        { new DirectoryNotFoundException("x"), 2 },
        { new UnauthorizedAccessException("x"), 2 },
        { new WorkFailedException("x"), 1 },
        { new IOException("No space left on device"), 1 },
        { new HttpRequestException(HttpRequestError.ConnectionError, "x", null, HttpStatusCode.BadGateway), 1 },
        { new TimeoutException("x"), 1 },
        { new TaskCanceledException("x", new TimeoutException("y")), 1 },
        { new OperationCanceledException(), 1 },
    };

    [Theory]
    [MemberData(nameof(Ordinary), DisableDiscoveryEnumeration = true)]
    public void Ordinary_failures_are_one_sentence(Exception exception, int code)
    {
        var (exitCode, sentence) = FailureReport.Of(exception);

        Assert.Equal(code, exitCode);
        Assert.NotEmpty(sentence);
        Assert.DoesNotContain('\n', sentence);
        Assert.DoesNotContain("Exception", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_defect_shows_its_stack() =>
        Assert.Contains(nameof(InvalidCastException), FailureReport.Of(new InvalidCastException("x")).Sentence, StringComparison.Ordinal);
}
