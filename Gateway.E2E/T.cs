namespace Gateway.E2E;

public class T { [Xunit.Fact] public void A() { } }
