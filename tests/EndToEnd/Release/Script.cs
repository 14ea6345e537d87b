using GpuStack.EndToEnd.Trimming;

namespace GpuStack.EndToEnd.Release;

/// <summary>Runs the scripts that a release is made by.</summary>
internal static class Script
{
    /// <summary>Runs one of <c>scripts/</c>, which is to succeed, and gives what it printed.</summary>
    public static async Task<string> RunAsync(string name, params string[] arguments)
    {
        (int code, string output, string error) = await PublishedProgram.RunAsync(Repository.PathOf("scripts", name), [], arguments);
        Assert.True(code == 0, $"{name} {string.Join(' ', arguments)}\n{output}\n{error}");
        return output;
    }

    /// <summary>Runs one of <c>scripts/</c>, which is to refuse, and gives what it said.</summary>
    public static async Task<string> RefusalAsync(string name, params string[] arguments)
    {
        (int code, string output, string error) = await PublishedProgram.RunAsync(Repository.PathOf("scripts", name), [], arguments);
        Assert.True(code == 1, $"{name} {string.Join(' ', arguments)} ends with {code}\n{output}\n{error}");
        Assert.Equal("", output);
        return error.TrimEnd();
    }
}
