using System.CommandLine;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Operator.Commands;
using GpuStack.Operator.Commands.Supervise;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Groups;

namespace GpuStack.Operator.Tests.Commands.Supervise;

public sealed class SuperviseOptionsTests
{
    [Fact]
    public void ACoordinator_IsRead()
    {
        var options = Read("--role Leader --engine VLLM --follower a --follower b:7 --peer-status-port 9 --peers-timeout 2h --startup-timeout 6h --pod-index 0 -- vllm serve --node-rank {rank}");
        Assert.Equal((SupervisorRole.Leader, SupervisedEngine.VLLM, 8000), (options.Role, options.Engine, options.EnginePort));
        Assert.Equal([new PeerEndpoint("a", 9), new PeerEndpoint("b", 7)], options.Followers);
        Assert.Equal((TimeSpan.FromHours(2), TimeSpan.FromHours(6), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1)), (options.PeersTimeout, options.StartupTimeout, options.PeerGrace, options.JoinTimeout));
        Assert.Equal(["vllm", "serve", "--node-rank", "0"], options.Command);
    }

    [Fact]
    public void AMember_IsRead_WithItsRank()
    {
        var options = Read("--role Member --engine SGLang --coordinator [fd00::1]:7 --pod-index 2 --rank-offset 5 -- engine --rank={rank}/{rank} {ranks}");
        Assert.Equal(new PeerEndpoint("fd00::1", 7), options.Coordinator);
        Assert.Equal(["engine", "--rank=7/7", "{ranks}"], options.Command);
    }

    [Fact]
    public void AHead_HasRaysPort_AndCallsWithoutAnEngineAreLlamaCpps()
    {
        Assert.Equal(6379, Read("--role Head --follower a -- ray").EnginePort);
        Assert.Equal((50052, SupervisedEngine.LlamaCpp), (Read("--role Worker -- x").EnginePort, Read("--role Worker -- x").Engine));
    }

    [Theory]
    [InlineData("LlamaCpp", "LLAMA_API_KEY")]
    [InlineData("VLLM", "VLLM_API_KEY")]
    [InlineData("SGLang", "SGLANG_API_KEY")]
    public void TheKey_ComesFromTheEnginesVariable(string engine, string variable) =>
        Assert.Equal("one", Read($"--role Leader --engine {engine} -- x", name => name == variable ? "one,two" : null).ApiKey);

    [Fact]
    public void AVariable_IsPutIntoTheEnginesArguments_AndNowhereElse()
    {
        var options = Read("--role Leader --engine SGLang -- sglang --api-key {env:SGLANG_API_KEY} {\"env\":1} {env:}", name => name == "SGLANG_API_KEY" ? "s3cret{rank}{env:X}" : null);
        Assert.Equal(["sglang", "--api-key", "s3cret{rank}{env:X}", "{\"env\":1}", "{env:}"], options.Command);
        Assert.DoesNotContain("s3cret", options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void WithABraceMore_APlaceholderStandsForItself()
    {
        var options = Read("--role Member --coordinator a --pod-index 2 -- engine {rank} {{rank} {{{rank}}} {{env:KEY} {{{env:KEY} {{x} }{");
        Assert.Equal(["engine", "2", "{rank}", "{{rank}}}", "{env:KEY}", "{{env:KEY}", "{{x}", "}{"], options.Command);
    }

    [Fact]
    public void AnyLiteral_ReachesTheEngineAsItStands() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Gen.Elements("{", "}", "rank", "env:", "X", "$", "{rank}", "{env:X}", "\"rank\": 1").ArrayOf().Select(parts => string.Concat(parts)).ToArbitrary(), text =>
            Assert.Equal([text], CommandPlaceholders.Fill([CommandPlaceholders.Literal(text)], 7, _ => "value"))));

    [Theory]
    [InlineData("-- x", "--role is missing; give Leader, Worker, Member or Head.")]
    [InlineData("--role Leader", "COMMAND is missing; give the engine and its arguments after --.")]
    [InlineData("--role Member -- x", "--coordinator is missing; a member runs only with its coordinator.")]
    [InlineData("--role Leader --coordinator a --follower b -- x", "--follower and --coordinator exclude each other; give --follower to the group's coordinator alone, and --coordinator to all others.")]
    [InlineData("--role Worker --coordinator a -- x", "--follower and --coordinator are for groups of vLLM and SGLang; a llama.cpp leader is given its workers with --worker.")]
    [InlineData("--role Leader --worker a:1 --follower b -- x", "--follower and --coordinator are for groups of vLLM and SGLang; a llama.cpp leader is given its workers with --worker.")]
    [InlineData("--role Member --coordinator a --worker b:1 -- x", "--worker is given to a member; give it to the leader alone.")]
    [InlineData("--role Leader --tensor-cache /x -- x", "--tensor-cache is given to a leader; give it to a worker alone.")]
    [InlineData("--role Leader --pod-index x -- x", "--pod-index: 'x' is no whole number from 0 to 65535; give one like 0.")]
    [InlineData("--role Leader --pod-index $(POD_INDEX) -- x", "--pod-index: '$(POD_INDEX)' is no whole number from 0 to 65535; give one like 0.")]
    [InlineData("--role Leader --rank-offset -1 -- x", "--rank-offset: '-1' is no whole number from 0 to 65535; give one like 0.")]
    [InlineData("--role Leader -- x {rank}", "COMMAND has {rank} and --pod-index is missing; give the pod's index in its StatefulSet.")]
    [InlineData("--role Leader -- x {env:KEY}", "COMMAND has {env:KEY} and the environment has no KEY; set it from a Secret.")]
    [InlineData("--role Leader --follower a:x -- x", "--follower: 'a:x' is no pod of the group; give its name, like qwen-0-w0-1.qwen-0, with :PORT if its supervisor answers on a port of its own.")]
    [InlineData("--role Leader --join-timeout 0s -- x", "--join-timeout must be longer than nothing; give one like 120s.")]
    public void WhatIsWrong_IsSaidInOneSentence(string call, string message) => Assert.Equal(message, Assert.Throws<InputException>(() => Read(call)).Message);

    private static SupervisorOptions Read(string call, Func<string, string?>? environment = null)
    {
        var options = new SuperviseOptions();
        var command = new Command("supervise");
        options.AddTo(command);
        var result = command.Parse(call.Split(' '));
        Assert.Empty(result.Errors);
        return options.Read(result, environment ?? (_ => null));
    }
}
